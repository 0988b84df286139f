package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Junk is refused without allocating a byte: measured by the JVM's own account of this thread. */
final class HotPathTest {
    private static final int ROUNDS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Often enough for the flood of one source to be looked at. */
    private static final Duration SLOWLY = Duration.ofMillis(20);

    private static final Duration BACK = SLOWLY.negated();

    private final World w = new World();

    HotPathTest() throws Exception {}

    @Test
    void noiseAllocatesNothing() {
        byte[] noise = new byte[Packet.LENGTH];
        new Random(1).nextBytes(noise);
        assertAllocatesNothing(Verdict.GATE, () -> w.agent.knock(noise, 0, noise.length, 1, 2));
    }

    @Test
    void aWrongLengthAllocatesNothing() {
        byte[] noise = new byte[Packet.LENGTH];
        assertAllocatesNothing(Verdict.LENGTH, () -> w.agent.knock(noise, 0, 95, 1, 2));
    }

    @Test
    void aReplayAllocatesNothing() {
        byte[] packet = w.packet(w.request("ssh"));
        w.send(packet, World.HOME);
        assertAllocatesNothing(Verdict.NONCE, () -> w.agent.knock(packet, 0, packet.length, 1, 2));
    }

    @Test
    void anUnknownKeyAllocatesNothing() throws Exception {
        byte[] packet = ClientKeyset.create(w.server).keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        assertAllocatesNothing(Verdict.KEY, () -> w.agent.knock(packet, 0, packet.length, 1, 2));
    }

    @Test
    void aWrongProofAllocatesNothing() {
        byte[] packet = w.packet(w.request("ssh"));
        packet[Packet.PROOF_OFFSET] ^= 1;
        w.server.gate().putTag(packet, 0);
        assertAllocatesNothing(Verdict.PROOF, () -> w.agent.knock(packet, 0, packet.length, 1, 2));
    }

    @Test
    void aFloodAllocatesNothing() {
        byte[] packet = w.packet(w.request("ssh"));
        packet[Packet.PROOF_OFFSET] ^= 1;
        w.server.gate().putTag(packet, 0);
        Verdict verdict = Verdict.PROOF;
        for (int i = 0; i < 100_000 && verdict == Verdict.PROOF; i++) {
            verdict = w.agent.knock(packet, 0, packet.length, 1, 2);
        }
        assertAllocatesNothing(Verdict.FLOOD, () -> {
            w.clock.pass(BACK);
            return w.agent.knock(packet, 0, packet.length, 1, 2);
        });
    }

    /** Its nonce is forgotten, so it is proved again each time. */
    @Test
    void anOldKnockAllocatesNothing() {
        byte[][] packets = new byte[40_000][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = w.packet(w.request("ssh"));
        }
        assertEquals(Verdict.ACCEPTED, w.send(packets[0], World.HOME));
        int[] next = {0};
        w.quiet();
        w.clock.pass(Duration.ofSeconds(1));
        assertAllocatesNothing(Verdict.STAMP, () -> {
            w.clock.pass(BACK);
            byte[] packet = packets[++next[0] % packets.length];
            return w.agent.knock(packet, 0, packet.length, next[0], 2);
        });
    }

    @Test
    void aKnockTooManyAllocatesNothing() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(64, 1, Quota.Full.REFUSE), 1000));
        byte[][] packets = new byte[5 * ROUNDS + 2][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = w.packet(new KnockRequest(0, w.clock.wallNanos() + i, Ip6Address.UNSPECIFIED, "ssh"));
        }
        assertEquals(Verdict.ACCEPTED, w.send(packets[0], World.HOME));
        int[] next = {0};
        w.quiet();
        assertAllocatesNothing(Verdict.RATE, () -> {
            w.clock.pass(BACK);
            byte[] packet = packets[++next[0]];
            return w.agent.knock(packet, 0, packet.length, next[0], 2); // of one source it would be a flood
        });
    }

    private void assertAllocatesNothing(Verdict expected, Supplier<Verdict> call) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5; attempt++) { // the first rounds compile, and the compiler's work is not ours
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Verdict verdict = expected;
            for (int i = 0; i < ROUNDS && verdict == expected; i++) {
                verdict = call.get();
                w.clock.pass(SLOWLY);
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertEquals(expected, verdict);
        }
        assertEquals(0, least, "bytes allocated by " + ROUNDS + " refusals");
    }
}
