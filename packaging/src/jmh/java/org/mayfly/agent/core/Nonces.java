package org.mayfly.agent.core;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.mayfly.knock.Packet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Looks up nonces, each another one than before, in a table that is full. In this package because the table is. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Nonces {
    private static final int REMEMBERED = 1 << 13;
    private static final int KNOWN = REMEMBERED / 2;

    private final RecentNonces recent = new RecentNonces(REMEMBERED, 1);
    private final byte[] known = new byte[KNOWN * Packet.NONCE_LENGTH];
    private final byte[] unknown = new byte[KNOWN * Packet.NONCE_LENGTH];
    private int next;

    @Setup
    public void setUp() {
        Random random = new Random(1);
        byte[] others = new byte[3 * known.length];
        random.nextBytes(others);
        random.nextBytes(known);
        random.nextBytes(unknown);
        for (int at = 0; at < others.length; at += Packet.NONCE_LENGTH) {
            recent.add(others, at);
        }
        for (int at = 0; at < known.length; at += Packet.NONCE_LENGTH) {
            recent.add(known, at);
        }
    }

    @Benchmark
    public boolean known() {
        return recent.contains(known, next());
    }

    @Benchmark
    public boolean unknown() {
        return recent.contains(unknown, next());
    }

    private int next() {
        next = next + Packet.NONCE_LENGTH & known.length - 1;
        return next;
    }
}
