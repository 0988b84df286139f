package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Hundreds of thousands of packets of every kind that is refused, mixed, in one block as they are received, from many
 * sources: refused for the reason they ought to be, and without allocating a byte.
 */
final class JunkTest {
    private static final int PACKETS = 300_000;
    private static final int LONGEST = 1500;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Time between two packets: enough for no flood to be seen. */
    private static final Duration APART = Duration.ofMillis(20);

    private static final Duration BACK = APART.negated();

    /**
     * A packet in the block.
     *
     * @param length as it was on the wire
     */
    private record Piece(int offset, int length, Verdict expected) {}

    private final World w = new World();
    private final Random random = new Random(5);
    private final byte[] block = new byte[8 << 20];
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<Verdict, Long> expected = new EnumMap<>(Verdict.class);
    private int end;

    JunkTest() throws Exception {}

    @Test
    void nothingIsAllocatedForJunk() throws Exception {
        everyLength();
        wrongTags();
        replays();
        unknownKeys();
        wrongProofs();
        Map<Verdict, Long> before = w.agent.verdicts();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3; attempt++) { // the first one is the warm-up as well
            least = Math.min(least, allocated());
        }
        assertEquals(0, least, "bytes allocated by " + PACKETS + " refusals");
        Map<Verdict, Long> counted = w.agent.verdicts();
        expected.forEach((verdict, count) -> assertEquals(
                count, counted.getOrDefault(verdict, 0L) - before.getOrDefault(verdict, 0L), verdict.toString()));
    }

    private long allocated() {
        int[] order = random.ints(PACKETS, 0, pieces.size()).toArray();
        for (int i : order) {
            expected.merge(pieces.get(i).expected, 1L, Long::sum);
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i : order) {
            Piece p = pieces.get(i);
            w.agent.knock(block, p.offset, p.length, World.HOME.high() + i, i);
            w.clock.pass(APART);
            w.clock.step(BACK);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private void everyLength() {
        byte[] noise = new byte[Packet.LENGTH];
        for (int length = 0; length <= LONGEST; length++) {
            random.nextBytes(noise);
            piece(noise, length, length == Packet.LENGTH ? Verdict.GATE : Verdict.LENGTH);
        }
    }

    /** One bit of it, each. */
    private void wrongTags() {
        for (int bit = 0; bit < 8 * Packet.TAG_LENGTH; bit++) {
            byte[] p = packet();
            p[Packet.TAG_OFFSET + bit / 8] ^= (byte) (1 << bit % 8);
            piece(p, Verdict.GATE);
        }
    }

    private void replays() {
        byte[] p = packet();
        assertEquals(Verdict.ACCEPTED, w.send(p, World.HOME));
        for (int i = 0; i < 1000; i++) {
            piece(p, Verdict.NONCE);
        }
        byte[] altered = p.clone(); // a replay with another body, by somebody who has the gate key
        altered[Packet.SEALED_OFFSET] ^= 1;
        w.server.gate().putTag(altered, 0);
        piece(altered, Verdict.NONCE);
    }

    private void unknownKeys() throws Exception {
        for (int i = 0; i < 50; i++) {
            KnockSender stranger = ClientKeyset.create(w.server).keys().get(0);
            for (int j = 0; j < 20; j++) {
                piece(stranger.write(KnockSender.randomNonce(), w.request("ssh")), Verdict.KEY);
            }
        }
    }

    private void wrongProofs() {
        for (int octet = 0; octet < Packet.KEY_ID_OFFSET; octet++) {
            byte[] p = packet();
            int at = octet < Packet.NONCE_LENGTH ? Packet.SEALED_OFFSET : octet; // the nonce masks the key id
            p[at] ^= (byte) (1 + random.nextInt(255));
            w.server.gate().putTag(p, 0);
            piece(p, Verdict.PROOF);
        }
    }

    private byte[] packet() {
        return w.packet(w.request("ssh"));
    }

    private void piece(byte[] packet, Verdict verdict) {
        piece(packet, packet.length, verdict);
    }

    private void piece(byte[] packet, int length, Verdict verdict) {
        System.arraycopy(packet, 0, block, end, Packet.LENGTH);
        pieces.add(new Piece(end, length, verdict));
        end += Packet.LENGTH + 1; // at every alignment
    }
}
