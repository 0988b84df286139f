package org.mayfly.bench;

import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Verdict;
import org.mayfly.knock.Packet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Whole packets that are refused, from {@code Agent.receive} to the verdict, which is looked at. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Refusals {
    /** So many that none of them is remembered when its turn comes again. */
    private static final int STALE = 40_000;

    private final byte[] junk = new byte[Packet.LENGTH];
    private final byte[] stale = new byte[STALE * Packet.LENGTH];
    private byte[] replayed = {};
    private byte[] unknown = {};
    private byte[] wrong = {};
    private @Nullable Bare bare;
    private int next;

    @Setup
    public void setUp() throws Exception {
        bare = new Bare();
        new Random(1).nextBytes(junk);
        long now = bare.around.wallNanos();
        replayed = bare.packet(bare.key, now);
        unknown = bare.packet(bare.stranger(), now);
        wrong = bare.altered(bare.packet(bare.key, now), Packet.PROOF_OFFSET);
        for (int i = 0; i < STALE; i++) {
            System.arraycopy(bare.packet(bare.key, now - 1), 0, stale, i * Packet.LENGTH, Packet.LENGTH);
        }
        if (bare.receive(replayed, 0) != Verdict.ACCEPTED) {
            throw new AssertionError("a knock is refused");
        }
        bare.agent.burstOver();
    }

    @Benchmark
    public void gate() {
        refuse(Verdict.GATE, junk, 0);
    }

    @Benchmark
    public void nonce() {
        refuse(Verdict.NONCE, replayed, 0);
    }

    @Benchmark
    public void key() {
        refuse(Verdict.KEY, unknown, 0);
    }

    @Benchmark
    public void proof() {
        refuse(Verdict.PROOF, wrong, 0);
    }

    @Benchmark
    public void stamp() {
        next = next == STALE - 1 ? 0 : next + 1;
        refuse(Verdict.STAMP, stale, next * Packet.LENGTH);
    }

    private void refuse(Verdict expected, byte[] block, int offset) {
        Verdict verdict = Objects.requireNonNull(bare).receive(block, offset);
        if (verdict != expected) {
            throw new AssertionError(verdict + ", not " + expected);
        }
    }
}
