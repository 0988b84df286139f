package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Who has the gate key of a server cannot tell by the time that a refusal takes whether a key id is one of its clients'.
 *
 * <p>The two kinds take turns in an order that changes, so that what slows the machine down slows both. Of each round
 * the quickest of several calls counts, for noise only ever adds; of those the median.
 */
final class ConstantTimeTest {
    private static final int WARM_UP = 30_000;
    private static final int ROUNDS = 4_000;
    private static final int CALLS = 8;

    /** One HMAC more or less takes 200 to 600 ns; a branch and a cache line take some ten. */
    private static final long TOLERANCE = 100;

    /** So that it is no flood. */
    private static final Duration SLOWLY = Duration.ofMillis(20);

    private static final int ATTEMPTS = 5;

    private final World w = new World();
    private long accepted;

    ConstantTimeTest() throws Exception {}

    @Test
    void anUnknownKeyIdTakesAsLongAsAWrongProof() throws Exception {
        byte[] unknown = ClientKeyset.create(w.server).keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        byte[] wrong = w.packet(w.request("ssh"));
        wrong[Packet.PROOF_OFFSET] ^= 1;
        w.server.gate().putTag(wrong, 0);
        for (int i = 0; i < WARM_UP; i++) {
            w.clock.pass(SLOWLY);
            assertEquals(Verdict.KEY, w.agent.knock(unknown, 0, unknown.length, 1, 2));
            assertEquals(Verdict.PROOF, w.agent.knock(wrong, 0, wrong.length, 1, 2));
        }

        long least = Long.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS && least > TOLERANCE; i++) { // a leak is there in every one
            least = Math.min(least, Math.abs(difference(unknown, wrong)));
        }

        assertTrue(least <= TOLERANCE, least + " ns between them");
        assertEquals(0, accepted);
    }

    /** Shows that the measure would see a leak: a refusal at the gate has no HMAC at all. */
    @Test
    void theMeasureSeesAnHmac() throws Exception {
        byte[] noGate = w.packet(w.request("ssh"));
        noGate[Packet.TAG_OFFSET] ^= 1;
        byte[] unknown = ClientKeyset.create(w.server).keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        for (int i = 0; i < WARM_UP; i++) {
            w.clock.pass(SLOWLY);
            w.agent.knock(noGate, 0, noGate.length, 1, 2);
            w.agent.knock(unknown, 0, unknown.length, 1, 2);
        }

        assertTrue(difference(unknown, noGate) > TOLERANCE);
    }

    private long difference(byte[] a, byte[] b) {
        long[] as = new long[ROUNDS];
        long[] bs = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            if ((i & 1) == 0) {
                as[i] = quickest(a);
                bs[i] = quickest(b);
            } else {
                bs[i] = quickest(b);
                as[i] = quickest(a);
            }
        }
        return median(as) - median(bs);
    }

    private long quickest(byte[] packet) {
        long quickest = Long.MAX_VALUE;
        for (int i = 0; i < CALLS; i++) {
            w.clock.pass(SLOWLY);
            long before = System.nanoTime();
            Verdict verdict = w.agent.knock(packet, 0, packet.length, 1, 2);
            quickest = Math.min(quickest, System.nanoTime() - before);
            accepted += verdict == Verdict.ACCEPTED ? 1 : 0; // so that the call is not left out
        }
        return quickest;
    }

    private static long median(long[] times) {
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
