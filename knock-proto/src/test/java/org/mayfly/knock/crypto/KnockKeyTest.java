package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

class KnockKeyTest {
    private static final KnockRequest REQUEST =
            new KnockRequest(60, Vectors.TIME, Ip6Address.parse("2001:db8::17"), "ssh");

    private final Secret secret = Secret.random(32);
    private final ServerIdentity server = ServerIdentity.create();
    private final KnockSender key = key(secret, server);
    private final byte[] packet = key.write(KnockSender.randomNonce(), REQUEST);

    private static KnockSender key(Secret secret, ServerIdentity server) {
        try {
            return ClientKeyset.ofSecret(secret, server).keys().get(0);
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private boolean passes(byte[] p) {
        return server.gate().matches(p, 0) && server.gate().keyId(p, 0) == key.id() && key.proves(p, 0);
    }

    @Test
    void everySingleBitCounts() {
        assertTrue(passes(packet));
        for (int bit = 0; bit < Packet.LENGTH * 8; bit++) {
            byte[] p = packet.clone();
            p[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(server.gate().matches(p, 0), "gate, bit " + bit);
            if (bit / 8 < Packet.TAG_OFFSET) {
                assertFalse(key.proves(p, 0), "proof, bit " + bit);
                assertNull(key.open(p, 0), "opening, bit " + bit);
                server.gate().putTag(p, 0); // by somebody who has the gate key
                assertFalse(passes(p), "with a new tag, bit " + bit);
            }
        }
    }

    @Test
    void aKnockIsWorthNothingAtAnotherServer() {
        ServerIdentity otherId =
                ServerIdentity.of(ServerIdentity.create().id(), server.gate().secret());
        KnockSender there = key(secret, otherId);
        assertNotEquals(key.id(), there.id());
        assertFalse(there.proves(packet, 0));
        assertNull(there.open(packet, 0));
        assertNotEquals(key.doorBits(packet, 0, 0), there.doorBits(packet, 0, 0));

        ServerIdentity otherGate = ServerIdentity.of(server.id(), Secret.random(GateKey.LENGTH));
        assertFalse(otherGate.gate().matches(packet, 0));
        otherGate.gate().putTag(packet, 0); // and then it is another key's id
        assertNotEquals(key.id(), otherGate.gate().keyId(packet, 0));
    }

    @Test
    void anotherKeyProvesNothing() {
        KnockSender other = key(Secret.random(32), server);
        assertFalse(other.proves(packet, 0));
        assertNull(other.open(packet, 0));
        assertNotEquals(key.doorBits(packet, 0, 0), other.doorBits(packet, 0, 0));
    }

    @Test
    void worksAnywhereInABlock() {
        for (int offset = 0; offset < 70; offset++) {
            byte[] block = new byte[offset + Packet.LENGTH + 3];
            Arrays.fill(block, (byte) 0x5a);
            System.arraycopy(packet, 0, block, offset, Packet.LENGTH);
            assertTrue(server.gate().matches(block, offset));
            assertEquals(key.id(), server.gate().keyId(block, offset));
            assertTrue(key.proves(block, offset));
            assertArrayEquals(REQUEST.encode(), key.open(block, offset));
            assertArrayEquals(Arrays.copyOf(REQUEST.encode(), 16), key.head(block, offset));
            assertEquals(key.doorBits(packet, 0, 2), key.doorBits(block, offset, 2));
        }
    }

    /**
     * Among 2,000 knocks of one client with one request, a four-byte run at one place in two packets is as rare as among
     * random bytes: 2,000² / 2 pairs, 93 places, 2^-32 each gives 0.04 expected. Five would be a miracle.
     */
    @Test
    void twoKnocksHaveNothingInCommon() {
        int shared = 0;
        Map<Long, Integer> seen = new HashMap<>();
        for (int i = 0; i < 2_000; i++) {
            ByteBuffer p = ByteBuffer.wrap(key.write(KnockSender.randomNonce(), REQUEST));
            for (int at = 0; at <= Packet.LENGTH - 4; at++) {
                shared += seen.merge((long) at << 32 | Integer.toUnsignedLong(p.getInt(at)), 1, Integer::sum) - 1;
            }
        }
        assertTrue(shared < 5, shared + " shared runs");
    }

    @Test
    void aBitIsOneHalfTheTime() {
        int[] ones = new int[Packet.LENGTH * 8];
        int packets = 4_000;
        for (int i = 0; i < packets; i++) {
            byte[] p = key.write(KnockSender.randomNonce(), REQUEST);
            for (int bit = 0; bit < ones.length; bit++) {
                ones[bit] += p[bit / 8] >> bit % 8 & 1;
            }
        }
        for (int bit = 0; bit < ones.length; bit++) { // 7 standard deviations of 4,000 coins: 221
            assertEquals(packets / 2.0, ones[bit], 221, "bit " + bit);
        }
    }

    @Test
    void refusalAndAcceptanceAllocateNothing() {
        byte[] bad = packet.clone();
        bad[70] ^= 1;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        int good = 0;
        for (int i = 0; i < 20_000; i++) {
            good += checks(packet) + checks(bad);
        }
        long measuring = -threads.getThreadAllocatedBytes(self) + threads.getThreadAllocatedBytes(self);
        long before = threads.getThreadAllocatedBytes(self);
        for (int i = 0; i < 20_000; i++) {
            good += checks(packet) + checks(bad);
        }
        long allocated = threads.getThreadAllocatedBytes(self) - before - measuring;
        assertEquals(40_000 * 4, good); // gate, id and proof of the good one, id of the bad
        assertTrue(allocated < 20_000, allocated + " bytes in 40,000 checks");
    }

    private int checks(byte[] p) {
        int good = server.gate().matches(p, 0) ? 1 : 0;
        good += server.gate().keyId(p, 0) == key.id() ? 1 : 0;
        return good + (key.proves(p, 0) ? 1 : 0);
    }

    @Test
    void aNonceHasSixteenBytes() {
        assertThrows(IllegalArgumentException.class, () -> key.write(new byte[15], REQUEST));
        assertEquals(16, KnockSender.randomNonce().length);
    }

    @Test
    void printsNoSecret() {
        assertEquals("KnockKey(" + Integer.toUnsignedString(key.tinkKeyId()) + ", hidden)", key.toString());
    }
}
