package org.mayfly.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Nonces;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Every benchmark in a process of its own, and the same in C right before and right after it. {@code Hashes PROGRAM
 * MILLISECONDS table|json}: {@code hash.c}, compiled, and how long each of the two is measured.
 */
public final class Hashes {
    /** System property: how often {@link Acceptance} is called in one process. */
    static final String ROUNDS = "mayfly.rounds";

    private static final int ITERATIONS = 5;

    /** Milliseconds; with fewer it is only to be seen that all of them run, and one process does. */
    private static final int SERIOUS = 100;

    private static final String HEAD = "%-46s %9s %9s %9s %9s %6s %7s%n";
    private static final String ROW = "%-46s %9s %9.1f %9.1f %9.1f %6s %7.0f%n";

    /**
     * What stands in one line of the table.
     *
     * @param c what {@code hash.c} calls it; null: there is nothing to compare it with
     */
    private record Row(
            String name,
            Class<?> of,
            String method,
            @Nullable String c) {}

    private static final List<Row> ROWS = List.of(
            new Row("gate: SipHash of 88 octets", Pieces.class, "gate", "gate"),
            new Row("key id: SipHash of 17 octets", Pieces.class, "keyId", "keyid"),
            new Row("nonce looked up, and not there", Nonces.class, "unknown", null),
            new Row("nonce looked up, and there", Nonces.class, "known", null),
            new Row("proof: HMAC-SHA-256 of 96 octets", Pieces.class, "proof", "proof"),
            new Row("the same, C with keys hashed before", Pieces.class, "proof", "prepared"),
            new Row("head: the request's first block", Pieces.class, "head", "head"),
            new Row("open: proof again, and AES-256-CTR", Pieces.class, "open", "open"),
            new Row("parse the request", Pieces.class, "parse", null),
            new Row("derive: three HMACs of 17 octets", Pieces.class, "derive", "door"),
            new Row("refused, gate (junk)", Refusals.class, "gate", "gate"),
            new Row("refused, nonce (a replay)", Refusals.class, "nonce", "gate"),
            new Row("refused, key (unknown)", Refusals.class, "key", "refusal"),
            new Row("refused, proof (wrong)", Refusals.class, "proof", "refusal"),
            new Row("refused, stamp (an old replay)", Refusals.class, "stamp", null),
            new Row("accepted, kernel in memory", Acceptance.class, "accepted", null));

    /**
     * What came out.
     *
     * @param c nanoseconds; NaN for none
     * @param java nanoseconds, median of the iterations
     */
    private record Figures(Row row, double c, double java, double least, double most, double bytes) {
        String ratio() {
            return Double.isNaN(c) ? "" : String.format(Locale.ROOT, "%.2f", java / c);
        }

        String line() {
            String ofC = Double.isNaN(c) ? "" : String.format(Locale.ROOT, "%.1f", c);
            return String.format(Locale.ROOT, ROW, row.name(), ofC, java, least, most, ratio(), bytes);
        }

        String json() {
            String compared =
                    Double.isNaN(c) ? "" : String.format(Locale.ROOT, "\"c_ns\":%.2f,\"ratio\":%s,", c, ratio());
            return String.format(
                    Locale.ROOT,
                    "{\"name\":\"%s\",%s\"java_ns\":%.2f,\"java_ns_least\":%.2f,\"java_ns_most\":%.2f,\"java_bytes\":%.1f}",
                    row.name(),
                    compared,
                    java,
                    least,
                    most,
                    bytes);
        }
    }

    private final String program;
    private final int milliseconds;

    private Hashes(String program, int milliseconds) {
        this.program = program;
        this.milliseconds = milliseconds;
    }

    private Figures measure(Row row) throws IOException, InterruptedException, RunnerException {
        System.err.println(row.name());
        List<Double> c = new ArrayList<>(ofC(row));
        RunResult java = ofJava(row);
        c.addAll(ofC(row));
        var statistics = java.getPrimaryResult().getStatistics();
        return new Figures(
                row,
                c.isEmpty() ? Double.NaN : c.stream().sorted().toList().get(c.size() / 2),
                statistics.getPercentile(50),
                statistics.getMin(),
                statistics.getMax(),
                java.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
    }

    private RunResult ofJava(Row row) throws RunnerException {
        TimeValue each = TimeValue.milliseconds(Math.max(1, milliseconds / ITERATIONS));
        boolean once = row.of() == Acceptance.class;
        int warmUp = once && milliseconds >= SERIOUS ? 4 * ITERATIONS : ITERATIONS;
        String rounds = Integer.toString(warmUp + ITERATIONS);
        System.setProperty(ROUNDS, rounds); // for this process, if there is no other
        var options = new OptionsBuilder()
                .include(row.of().getName() + "." + row.method() + "$")
                .addProfiler("gc")
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .forks(milliseconds < SERIOUS ? 0 : 1)
                .jvmArgsAppend("-D" + ROUNDS + "=" + rounds)
                .warmupIterations(warmUp)
                .warmupTime(each)
                .measurementIterations(ITERATIONS)
                .measurementTime(each)
                .build();
        return new Runner(options).runSingle();
    }

    private List<Double> ofC(Row row) throws IOException, InterruptedException {
        if (row.c() == null) {
            return List.of();
        }
        Process c = new ProcessBuilder(program, row.c(), Integer.toString(milliseconds / 2))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Double> samples;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(c.getInputStream()))) {
            samples = lines.lines().map(Double::valueOf).toList();
        }
        if (c.waitFor() != 0) {
            throw new IOException("the C program gave up");
        }
        return samples;
    }

    private static String machine() {
        return String.format(
                "%d cores, Linux %s, Java %s, %s",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                Runtime.version(),
                LocalDate.now(ZoneOffset.UTC));
    }

    public static void main(String[] args) throws Exception {
        Hashes bench = new Hashes(args[0], Integer.parseInt(args[1]));
        boolean json = args[2].equals("json");
        if (!json) {
            System.out.printf(HEAD, "ns", "C", "Java", "least", "most", "ratio", "bytes");
        }
        List<Figures> all = new ArrayList<>();
        for (Row row : ROWS) {
            Figures figures = bench.measure(row);
            all.add(figures);
            if (!json) {
                System.out.print(figures.line());
            }
        }
        if (json) {
            String rows = all.stream().map(Figures::json).collect(Collectors.joining(","));
            System.out.println("{\"machine\":\"" + machine() + "\",\"rows\":[" + rows + "]}");
        } else {
            System.out.println(machine());
        }
    }
}
