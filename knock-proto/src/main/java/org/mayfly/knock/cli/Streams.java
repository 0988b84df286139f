package org.mayfly.knock.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.mayfly.knock.client.Failure;

/**
 * What a command reads, writes and takes from its environment.
 *
 * @param out the payload and nothing else
 * @param err one line when something is wrong
 */
record Streams(InputStream in, OutputStream out, PrintStream err, Map<String, String> environment) {
    /** Unbuffered, so that a pipe that breaks is noticed and bytes go through as they come. */
    static Streams standard() {
        return new Streams(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                System.err,
                System.getenv());
    }

    /** Writes to standard output; a line end is added. */
    void print(String text) throws Failure {
        try {
            out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw Failure.failed("cannot write to standard output: " + Failure.reason(e));
        }
    }

    /**
     * One line on standard error. A URI in it would be a secret that the user typed in the wrong place; a control
     * character could be an order to the terminal.
     */
    void complain(String text) {
        err.println("mayfly: "
                + text.replaceAll("(?i)mayfly:/+\\S*", "mayfly://(hidden)")
                        .replaceAll("\\s*[\\r\\n]+\\s*", " ")
                        .replaceAll("\\p{Cntrl}", "?"));
        err.flush();
    }
}
