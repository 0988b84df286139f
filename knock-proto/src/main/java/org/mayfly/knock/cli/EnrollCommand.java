package org.mayfly.knock.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Profiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "enroll",
        description = "Keep the enrolment URI that a server's administrator gave; it is read from standard input."
                + " Prints the name of the profile.")
final class EnrollCommand implements Callable<Integer> {
    private static final int LONGEST = 65_536;

    private final Streams streams;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "What to call the server (the URI's host).")
    @Nullable
    String name;

    @Option(names = "--file", paramLabel = "FILE", description = "Read the URI from there.")
    @Nullable
    Path file;

    @Option(names = "--force", description = "Replace the profile if there is one.")
    boolean force;

    EnrollCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        if (name != null && name.startsWith("mayfly:")) {
            throw Failure.usage(
                    "the URI holds a secret, and everybody can see a command line: give it on standard input");
        }
        Enrolment e;
        try {
            e = Enrolment.parse(read());
        } catch (IllegalArgumentException x) {
            throw Failure.usage("this is not a whole enrolment URI: " + x.getMessage());
        }
        String chosen = name != null ? name : Profiles.nameFor(e.host());
        Profiles.of(streams.environment()).save(chosen, e, force);
        streams.print(chosen);
        return 0;
    }

    private String read() throws Failure {
        Path from = file;
        if (from == null) {
            return line(streams.in(), "standard input");
        }
        try (InputStream in = Files.newInputStream(from)) {
            return line(in, from.toString());
        } catch (NoSuchFileException e) {
            throw Failure.usage("there is no file " + from);
        } catch (IOException e) {
            throw Failure.ofFile("cannot read " + from, e);
        }
    }

    /** The first line with something in it, so that who pastes needs no end of file. */
    private static String line(InputStream in, String from) throws Failure {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int b = in.read(); b >= 0 && line.size() < LONGEST; b = in.read()) {
                if (b != '\n') {
                    line.write(b);
                } else if (!line.toString(StandardCharsets.ISO_8859_1).isBlank()) {
                    break;
                }
            }
        } catch (IOException e) {
            throw Failure.ofFile("cannot read " + from, e);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1).strip();
        if (text.isEmpty()) {
            throw Failure.usage("there is no enrolment URI on " + from + ": mayfly enroll NAME < FILE");
        }
        return text;
    }
}
