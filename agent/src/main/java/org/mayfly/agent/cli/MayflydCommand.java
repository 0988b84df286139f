package org.mayfly.agent.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of the agent. */
@Command(
        name = "mayflyd",
        versionProvider = MayflydCommand.Versions.class,
        description = "The Mayfly agent. Runs in the foreground; SIGTERM stops it, SIGHUP has it reload.",
        footer = {"", "Exit status: 0 stopped as told, 1 it failed, 2 wrong usage or configuration, 3 not permitted."})
public final class MayflydCommand implements Callable<Integer> {
    private static final Path CONFIGURATION = Path.of("/etc/mayfly/mayflyd.toml");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration. Without it: /etc/mayfly/mayflyd.toml.")
    private Path configuration = CONFIGURATION;

    @Option(names = "--check", description = "Look the configuration over and stop; status 2 if it is wrong.")
    private boolean checkOnly;

    @Option(names = "--effective", description = "Print the configuration with all defaults filled in, and stop.")
    private boolean effective;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli looks for it
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version.")
    @SuppressWarnings("UnusedVariable") // picocli looks for it
    private boolean version;

    private final Daemon daemon;
    private final ConfigurationCheck check;

    MayflydCommand(Daemon daemon, ConfigurationCheck check) {
        this.daemon = daemon;
        this.check = check;
    }

    /**
     * Does what the arguments say.
     *
     * @param daemon what to start, if they ask for that
     * @param check what to look the configuration over with, if they ask for that
     * @return the exit status
     */
    public static int execute(Daemon daemon, ConfigurationCheck check, String... arguments) {
        return new MayflydCommand(daemon, check).commandLine().execute(arguments);
    }

    CommandLine commandLine() {
        return Complaints.oneLine(new CommandLine(this));
    }

    @Override
    public Integer call() {
        if (!checkOnly && !effective) {
            return daemon.run(configuration);
        }
        ConfigurationCheck.Report report = check.check(configuration);
        CommandLine line = spec.commandLine();
        report.errors().forEach(each -> line.getErr().println(Table.printable(each)));
        report.warnings().forEach(each -> line.getErr().println("warning: " + Table.printable(each)));
        if (!report.errors().isEmpty()) {
            return ExitStatus.USAGE;
        }
        if (effective) {
            line.getOut().print(report.effective());
            line.getOut().flush();
        }
        return ExitStatus.DONE;
    }

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"mayflyd " + Version.text()};
        }
    }
}
