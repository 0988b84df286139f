package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    private static final Path BENCH = Path.of("src/bench");
    private static final Path JMH = Command.HOME.resolveSibling("jmh");

    @ParameterizedTest
    @ValueSource(strings = {"Knocks.java", "Leases.java", "Netlink.java"})
    void compiles(String program, @TempDir Path classes) throws Exception {
        compile(classes, jars(Command.HOME.resolve("lib")), List.of(BENCH.resolve(program)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hash.c", "refuse.c"})
    void compilesWithoutAWarning(String program) throws Exception {
        Command done = Command.run(
                "cc",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
                BENCH.resolve(program).toString());
        assertEquals(0, done.status(), done.err());
    }

    /** What JMH measures is held to what all code is held to, as far as the compiler alone sees it. */
    @Test
    void whatJmhMeasuresCompilesWithoutAWarning(@TempDir Path classes) throws Exception {
        List<Path> sources;
        try (Stream<Path> files = Files.walk(Path.of("src/jmh/java"))) {
            sources = files.filter(f -> f.toString().endsWith(".java")).toList();
        }
        compile(
                classes,
                jars(Command.HOME.resolve("lib")) + ":" + jars(JMH),
                sources,
                "-Xlint:all,-classfile",
                "-Werror");
    }

    /** Every benchmark for some milliseconds; the figures mean nothing, but there are all of them. */
    @Test
    void theHashesAreMeasured() throws Exception {
        Command done = Command.run(
                Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home")),
                List.of("sh", BENCH.resolve("hash.sh").toString(), Command.HOME.toString(), "20", "json"));
        assertEquals(0, done.status(), done.err());
        JsonObject document = JsonParser.parseString(done.out()).getAsJsonObject();
        int compared = 0;
        for (JsonElement row : document.getAsJsonArray("rows")) {
            JsonObject r = row.getAsJsonObject();
            assertTrue(r.get("java_ns").getAsDouble() > 0, r.toString());
            compared += r.has("ratio") ? 1 : 0;
        }
        assertTrue(compared > 5, compared + " were compared with C");
    }

    private static void compile(Path classes, String path, List<Path> sources, String... options) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-proc:none", "-d", classes.toString(), "-cp", path));
        sources.forEach(s -> arguments.add(s.toString()));
        int status = ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments.toArray(String[]::new));
        assertEquals(0, status, said.toString(StandardCharsets.UTF_8));
    }

    private static String jars(Path directory) throws IOException {
        try (Stream<Path> lib = Files.list(directory)) {
            return lib.filter(f -> f.toString().endsWith(".jar"))
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "flood.sh, 10, junk-anyip*-10000, '\"ok\":10,\"runs\":10'",
        "flood.sh, 10, replay-1, '\"ok\":10,\"runs\":10'",
        "flood.sh, 10, wrong-many, '\"ok\":10,\"runs\":10'",
        "accepted.sh, 1, accepted-tmpfs-10000, '\"accepted\":'",
        "junk.sh, 1, junk-100000, '\"row\":\"mayflyd-replay-100000\"'",
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
