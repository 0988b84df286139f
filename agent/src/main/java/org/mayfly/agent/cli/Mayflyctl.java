package org.mayfly.agent.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.mayfly.agent.admin.AdminClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The admin command. */
@Command(
        name = "mayflyctl",
        description = "Asks the Mayfly agent how things are, and tells it what to do. Without a command: status.",
        subcommands = {
            StatusCommand.class,
            LeasesCommand.class,
            ClientsCommand.class,
            ServicesCommand.class,
            RulesCommand.class,
            MonitorCommand.class,
            MetricsCommand.class,
            VersionCommand.class,
            CheckCommand.class,
            ReloadCommand.class,
            PermitCommand.class,
            RevokeCommand.class,
            ClientCommand.class
        },
        footer = {
            "",
            "Exit status: 0 done, 1 it failed, 2 wrong usage or configuration, 3 not permitted, 4 no agent reachable."
        })
public final class Mayflyctl implements Callable<Integer> {
    private static final Path SOCKET = Path.of("/run/mayfly/control.sock");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "The agent's socket. Without it: /run/mayfly/control.sock.")
    private Path socket = SOCKET;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print one JSON document.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks for it
    private boolean help;

    private final Surroundings surroundings;
    private final ConfigurationCheck check;

    Mayflyctl(Surroundings surroundings, ConfigurationCheck check) {
        this.surroundings = surroundings;
        this.check = check;
    }

    public static void main(String[] arguments) {
        Mayflyctl root = new Mayflyctl(Surroundings.real(), new ConfigurationFile());
        System.exit(root.commandLine().execute(arguments));
    }

    CommandLine commandLine() {
        return Complaints.oneLine(new CommandLine(this));
    }

    @Override
    public Integer call() {
        CommandLine status = Objects.requireNonNull(spec.subcommands().get("status"));
        return status.<StatusCommand>getCommand().call();
    }

    AdminClient agent() {
        return new AdminClient(socket);
    }

    boolean json() {
        return json;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    ConfigurationCheck configurationCheck() {
        return check;
    }
}
