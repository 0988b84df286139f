package org.mayfly.agent.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What a command did. */
record Told(int status, String out, String err) {

    static Told mayflyctl(Path socket, boolean terminal, ConfigurationCheck check, String... arguments) {
        return run(commandLine(terminal, check), onSocket(socket, arguments));
    }

    /** One that prints as it goes; its exit status. */
    static int mayflyctl(Path socket, boolean terminal, Writer out, Writer err, String... arguments) {
        return commandLine(terminal, AskedTest.NO_CHECK)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(onSocket(socket, arguments));
    }

    private static CommandLine commandLine(boolean terminal, ConfigurationCheck check) {
        Clock clock = Clock.fixed(Samples.NOW, ZoneOffset.UTC);
        return new Mayflyctl(new Surroundings(clock, ZoneId.of("Europe/Berlin"), terminal), check).commandLine();
    }

    private static String[] onSocket(Path socket, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--socket", socket.toString()));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    static Told run(CommandLine line, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        int status = line.execute(arguments);
        return new Told(status, out.toString(), err.toString());
    }
}
