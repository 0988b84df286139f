package org.mayfly.knock.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.time.Duration;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.client.Failure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The client: knocks, and goes through the door. */
@Command(
        name = "mayfly",
        description = "Knock at a Mayfly server, and go through the door it opens.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
public final class Mayfly implements Runnable {
    @Spec
    CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "This help.")
    boolean help;

    private Mayfly() {}

    public static void main(String[] args) {
        forgetNames();
        System.exit(run(Streams.standard(), args));
    }

    /** Java keeps the addresses of a name for 30 s, and while a door is waited for a server may get another. */
    static void forgetNames() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }

    /** Runs one command and gives its exit status. Never throws. */
    static int run(Streams streams, String... args) {
        try {
            return commandLine(streams).execute(args);
        } catch (RuntimeException e) {
            return internal(streams, e);
        }
    }

    static CommandLine commandLine(Streams streams) {
        CommandLine ssh = new CommandLine(new SshCommand(streams));
        CommandLine c = new CommandLine(new Mayfly())
                .addSubcommand(new EnrollCommand(streams))
                .addSubcommand(new KnockCommand(streams))
                .addSubcommand(new ConnectCommand(streams))
                .addSubcommand(ssh)
                .addSubcommand(new ProfilesCommand(streams))
                .addSubcommand(new VersionCommand(streams));
        c.setOut(new PrintWriter(new OutputStreamWriter(streams.out(), StandardCharsets.UTF_8), true)); // for --help
        ssh.setStopAtPositional(true); // what follows NAME is for ssh, options too
        c.registerConverter(Duration.class, Mayfly::duration);
        c.registerConverter(Ip6Address.class, Mayfly::address);
        c.setParameterExceptionHandler((e, a) -> wrongUsage(streams, e));
        c.setExecutionExceptionHandler((e, l, r) -> failed(streams, e));
        return c;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? See mayfly --help");
    }

    private static Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static Ip6Address address(String text) {
        try {
            return Ip6Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static int wrongUsage(Streams streams, ParameterException e) {
        streams.complain(String.valueOf(e.getMessage()));
        return Failure.USAGE;
    }

    private static int failed(Streams streams, Exception e) {
        if (e instanceof Failure f) {
            streams.complain(String.valueOf(f.getMessage()));
            return f.status();
        }
        return internal(streams, e);
    }

    private static int internal(Streams streams, Exception e) {
        StackTraceElement[] where = e.getStackTrace();
        streams.complain(
                "this is a mistake in mayfly, please report it: " + e + (where.length > 0 ? " at " + where[0] : ""));
        return Failure.FAILED;
    }
}
