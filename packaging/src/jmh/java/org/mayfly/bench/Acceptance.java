package org.mayfly.bench;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Verdict;
import org.mayfly.knock.Packet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Knocks that open a lease in a kernel in memory, 64 in a burst, none of them twice; the leases end after a second, of which a thousandth
 * passes with each knock. What the real kernel costs is measured elsewhere.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Acceptance {
    private static final int BATCH = 5_000;
    private static final int BURST = 64;
    private static final long APART = 1_000_000;

    private byte[] block = {};
    private @Nullable Bare bare;
    private int next;

    @Setup
    public void setUp() throws Exception {
        bare = new Bare();
        int all = BATCH * Integer.getInteger(Hashes.ROUNDS, 1);
        block = new byte[all * Packet.LENGTH];
        long first = bare.around.wallNanos();
        for (int i = 0; i < all; i++) {
            byte[] packet = bare.packet(bare.key, first + i * APART);
            System.arraycopy(packet, 0, block, i * Packet.LENGTH, Packet.LENGTH);
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void accepted() {
        Bare b = Objects.requireNonNull(bare);
        for (int i = 0; i < BATCH; i++) {
            Verdict verdict = b.receive(block, next++ * Packet.LENGTH);
            if (verdict != Verdict.ACCEPTED) {
                throw new AssertionError(verdict);
            }
            b.around.pass(APART);
            if (i % BURST == BURST - 1) {
                b.agent.burstOver();
                b.agent.tick();
            }
        }
    }
}
