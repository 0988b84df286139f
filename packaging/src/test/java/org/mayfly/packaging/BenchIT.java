package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code packaging/bench} runs is run seldom: its programs fit what is built now, and its scripts come to an end with
 * figures, of which a run as short as this says nothing.
 */
final class BenchIT {
    @ParameterizedTest
    @ValueSource(strings = {"Knocks.java", "Leases.java", "Netlink.java"})
    void compiles(String program, @TempDir Path classes) throws Exception {
        String jars;
        try (Stream<Path> lib = Files.list(Command.HOME.resolve("lib"))) {
            jars = lib.filter(f -> f.toString().endsWith(".jar"))
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        String source = Path.of("src/bench").resolve(program).toString();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, said, said, "-proc:none", "-d", classes.toString(), "-cp", jars, source);
        assertEquals(0, status, said.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "flood.sh, 10, junk-anyip*-10000, '\"ok\":10,\"runs\":10'",
        "flood.sh, 10, replay-1, '\"ok\":10,\"runs\":10'",
        "flood.sh, 10, wrong-many, '\"ok\":10,\"runs\":10'",
        "accepted.sh, 1, accepted-tmpfs-10000, '\"accepted\":'",
        "memory.sh, 0, *, '\"resident_mb\":'"
    })
    void measures(String script, int runs, String rows, String figures) throws Exception {
        Command bench = bench(script, runs, rows);

        assertTrue(bench.out().contains(figures), () -> bench.out() + bench.err());
    }

    /** Needs the right to load programs into the kernel, which is root's. */
    @Test
    void dropsWhatComesOutOfTheDriver() throws Exception {
        Command bench = bench("xdp.sh", 1, "drop");

        assertTrue(
                bench.out().contains("\"row\":\"drop\"") || bench.out().contains("this needs root"),
                () -> bench.out() + bench.err());
    }

    private static Command bench(String script, int runs, String rows) throws Exception {
        Command bench = Command.inPrivateNetwork(
                "sh",
                Path.of("src/bench").resolve(script).toString(),
                Command.HOME.toAbsolutePath().toString(),
                Integer.toString(runs),
                "json",
                rows);
        assertEquals(0, bench.status(), () -> bench.out() + bench.err());
        return bench;
    }
}
