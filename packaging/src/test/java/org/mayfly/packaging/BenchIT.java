package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.netlink.testing.BpfRight;

/**
 * What {@code packaging/bench} runs is run seldom: its programs fit what is built now, and its scripts come to an end with
 * figures, of which a run as short as this says nothing.
 */
final class BenchIT {
    private static final Path BENCH = Path.of("src/bench");
    private static final Path JMH = Command.HOME.resolveSibling("jmh");
    private static final int KNOCKS = 10;

    @ParameterizedTest
    @ValueSource(strings = {"Knocks.java", "Leases.java", "Netlink.java"})
    void compiles(String program, @TempDir Path classes) throws Exception {
        compile(classes, jars(Command.HOME.resolve("lib")), List.of(BENCH.resolve(program)));
    }

    @ParameterizedTest
    @MethodSource("programsInC")
    void compilesWithoutAWarning(Path program) throws Exception {
        Command done =
                Command.run("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "/dev/null", "-c", program.toString());
        assertEquals(0, done.status(), done.err());
    }

    private static List<Path> programsInC() throws IOException {
        try (Stream<Path> files = Files.list(BENCH)) {
            return files.filter(f -> f.toString().endsWith(".c")).sorted().toList();
        }
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
    @ValueSource(strings = {"", "netlink", "memory", "leases", "hash"})
    void whatHasNoRowsToChooseFromSaysSo(String what) throws Exception {
        List<String> words = new ArrayList<>(List.of("sh", "bench"));
        if (!what.isEmpty()) {
            words.add(what);
        }
        words.addAll(List.of("--rows", "junk-*"));
        Command done = Command.run(Map.of(), words);
        assertEquals(2, done.status(), done.err());
        assertTrue(done.err().contains("--rows goes with"), done.err());
    }

    /** Every benchmark for some milliseconds; the figures mean nothing, but there are all of them. */
    @Test
    void theHashesAreMeasured() throws Exception {
        Command done = Command.run(
                Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home")),
                List.of("sh", BENCH.resolve("hash.sh").toString(), Command.HOME.toString(), "20", "json"));
        Map<String, JsonObject> rows = rows(done, "name");
        rows.values().forEach(r -> assertPositive(r, "java_ns"));
        List<JsonObject> compared =
                rows.values().stream().filter(r -> r.has("ratio")).toList();
        assertEquals(11, compared.size(), "are compared with C");
        compared.forEach(r -> assertPositive(r, "c_ns", "ratio"));
    }

    @Test
    void knocksUnderAFlood() throws Exception {
        Set<String> wanted = Set.of("junk-anyip-user-10000", "replay-1", "wrong-4000");
        assertKnocked(wanted, bench("flood.sh", KNOCKS, wanted));
    }

    @Test
    void knocksUnderAFloodThatTheKernelRefuses() throws Exception {
        BpfRight.needed();
        Set<String> wanted = Set.of("junk-anyip-socket-10000", "junk-anyip-xdp-driver");
        Map<String, JsonObject> rows = rows(bench("flood.sh", KNOCKS, wanted), "row");
        assertEquals(wanted, rows.keySet());
        rows.values().forEach(r -> {
            assertEquals(KNOCKS, r.get("runs").getAsInt(), r.toString());
            assertPositive(r, "offered", "ok");
            assertNotEquals("0%", r.get("gated").getAsString(), r.toString());
        });
    }

    /** Nobody has CAP_BPF in a user namespace. */
    @Test
    void aGateThatIsNotInForceIsNotMeasured() throws Exception {
        Command bench = bench("flood.sh", KNOCKS, Set.of("junk-anyip-socket-10000"), "unshare", "-Urnm");
        assertEquals(1, bench.status(), () -> bench.out() + bench.err());
        JsonObject row = document(bench).getAsJsonArray("rows").get(0).getAsJsonObject();
        assertEquals("junk-anyip-socket-10000", row.get("row").getAsString());
        assertEquals("the gate in force is \"length\"", row.get("failed").getAsString());
        assertFalse(row.has("ok"), row.toString());
    }

    @Test
    void knocksAreAccepted() throws Exception {
        Map<String, JsonObject> rows = rows(bench("accepted.sh", 1, Set.of("accepted-tmpfs-10000")), "row");
        assertEquals(Set.of("accepted-tmpfs-10000"), rows.keySet());
        rows.values().forEach(r -> assertPositive(r, "offered", "accepted", "of", "us", "resident_mb"));
    }

    @Test
    void junkIsReadAsInC() throws Exception {
        Map<String, JsonObject> rows = rows(bench("junk.sh", 1, Set.of("junk-100000")), "row");
        assertEquals(
                Set.of("c-junk-100000", "epoll-junk-100000", "mayflyd-junk-100000", "mayflyd-replay-100000"),
                rows.keySet());
        rows.values().forEach(r -> assertPositive(r, "offered", "read", "ns", "to_c", "to_epoll"));
    }

    @Test
    void whatIsRelayedIsMeasured() throws Exception {
        Map<String, JsonObject> rows = rows(bench("relay.sh", 1, Set.of()), "row");
        assertEquals(Set.of("direct", "socat", "haproxy", "haproxy-splice", "share", "relay"), rows.keySet());
        rows.forEach((name, r) -> {
            assertPositive(r, "mb_s", "mb_s_8", "short_s", "trip_us", "trip_p99_us", "hello_us", "hello_p99_us");
            if (!name.equals("direct")) {
                assertPositive(r, "cpu_s_gb", "empty_mb", "idle_mb");
            }
        });
    }

    @Test
    void memoryIsMeasured() throws Exception {
        Map<String, JsonObject> rows = rows(bench("memory.sh", 0, Set.of()), "after");
        assertEquals(6, rows.size(), rows::toString);
        rows.values().forEach(r -> assertPositive(r, "resident_mb", "most_mb", "pss_mb"));
    }

    @Test
    void whatComesOutOfTheDriverIsDropped() throws Exception {
        BpfRight.needed();
        Set<String> wanted = Set.of("drop", "c", "xdp-tag", "xdp-length");
        Map<String, JsonObject> rows = rows(bench("xdp.sh", 1, wanted), "row");
        assertEquals(wanted, rows.keySet());
        rows.forEach((name, r) -> {
            assertPositive(r, "sent", "in", "kernel_ns", "a_processor");
            if (name.equals("c")) {
                assertPositive(r, "read", "user_ns");
            }
        });
    }

    private static void assertKnocked(Set<String> wanted, Command bench) {
        Map<String, JsonObject> rows = rows(bench, "row");
        assertEquals(wanted, rows.keySet());
        rows.values().forEach(r -> {
            assertEquals(KNOCKS, r.get("runs").getAsInt(), r.toString());
            assertEquals(KNOCKS, r.get("ok").getAsInt(), r.toString());
            assertPositive(r, "offered", "median_ms", "p99_ms");
        });
    }

    private static void assertPositive(JsonObject row, String... keys) {
        for (String key : keys) {
            assertTrue(row.has(key) && row.get(key).getAsDouble() > 0, () -> key + ": " + row);
        }
    }

    private static JsonObject document(Command bench) {
        return JsonParser.parseString(bench.out()).getAsJsonObject();
    }

    /** By what they are called. */
    private static Map<String, JsonObject> rows(Command bench, String name) {
        assertEquals(0, bench.status(), () -> bench.out() + bench.err());
        Map<String, JsonObject> rows = new LinkedHashMap<>();
        for (JsonElement row : document(bench).getAsJsonArray("rows")) {
            rows.put(row.getAsJsonObject().get(name).getAsString(), row.getAsJsonObject());
        }
        return rows;
    }

    private static Command bench(String script, int runs, Set<String> rows, String... before) throws Exception {
        List<String> words = new ArrayList<>(List.of(before));
        words.addAll(List.of(
                "sh",
                BENCH.resolve(script).toString(),
                Command.HOME.toAbsolutePath().toString(),
                Integer.toString(runs),
                "json"));
        if (!rows.isEmpty()) {
            words.add(String.join(" ", rows));
        }
        return Command.inPrivateNetwork(words.toArray(String[]::new));
    }
}
