package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program that a test starts, and what came of it. */
record Command(int status, String out, String err) {
    /** What is installed: {@code packaging/target/mayfly}. */
    static final Path HOME = Path.of(System.getProperty("mayfly.home", "target/mayfly"));

    /** The scripts of the lab. */
    static final Path LAB = Path.of(System.getProperty("mayfly.lab", "src/lab"));

    private static final int NO_NETWORK = 77; // of inside.sh

    /** Runs it with nothing on standard input; variables with an empty value are taken away. */
    static Command run(Map<String, String> environment, List<String> words) throws IOException, InterruptedException {
        Path out = Files.createTempFile("out", "");
        Path err = Files.createTempFile("err", "");
        try {
            ProcessBuilder builder = new ProcessBuilder(words)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            environment.forEach((name, value) -> {
                if (value.isEmpty()) {
                    builder.environment().remove(name);
                } else {
                    builder.environment().put(name, value);
                }
            });
            Process process = builder.start();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroy();
                process.waitFor();
                return fail(words + " did not end; it said " + Files.readString(out) + Files.readString(err));
            }
            return new Command(process.exitValue(), text(out), text(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    static Command run(String... words) throws IOException, InterruptedException {
        return run(Map.of(), List.of(words));
    }

    /** Runs it as root of a private network, or skips the test where there can be none and none is required. */
    static Command inPrivateNetwork(String... words) throws IOException, InterruptedException {
        List<String> all =
                new ArrayList<>(List.of("sh", LAB.resolve("inside.sh").toString()));
        all.addAll(List.of(words));
        Command done = run(Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home")), all);
        if (done.status == NO_NETWORK && !"required".equals(System.getProperty("mayfly.kernel"))) {
            System.err.println("SKIPPED, though it matters: " + done.err);
            Assumptions.abort(done.err);
        }
        return done;
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
