package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Junk is refused without allocating a byte: measured by the JVM's own account of this thread. */
final class HotPathTest {
    private static final int ROUNDS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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

    private static void assertAllocatesNothing(Verdict expected, Supplier<Verdict> call) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5; attempt++) { // the first rounds compile, and the compiler's work is not ours
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Verdict verdict = expected;
            for (int i = 0; i < ROUNDS && verdict == expected; i++) {
                verdict = call.get();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertEquals(expected, verdict);
        }
        assertEquals(0, least, "bytes allocated by " + ROUNDS + " refusals");
    }
}
