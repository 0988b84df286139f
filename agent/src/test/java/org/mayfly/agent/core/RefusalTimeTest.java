package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * The time of a refusal tells nothing: neither whether a key id is a client's, to somebody who has the gate key, nor how much
 * of a proof or a tag is right. Each measure is also taken of something that does leak, and sees it.
 */
final class RefusalTimeTest {
    private static final int PROOFS = 4;
    private static final int TAGS = 16;

    /**
     * Nanoseconds. A key that is known is found, and is another object than the decoy: three nanoseconds were between them,
     * which an early end of a comparison would be as well, but not the HMAC that would be missing, two hundred and more.
     */
    private static final double OTHER_OBJECT = 25;

    /** So that it is no flood. */
    private static final Duration SLOWLY = Duration.ofMillis(20 * TAGS);

    private final World w = new World();
    private final byte[] block = new byte[Packet.LENGTH];
    private final byte[] right = w.packet(w.request("ssh"));
    private Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
    private long others;

    RefusalTimeTest() throws Exception {}

    @Test
    void anUnknownKeyTakesAsLongAsAWrongProof() throws Exception {
        IntConsumer either = either(unknown(), retagged(Packet.PROOF_OFFSET));
        expect(either, Verdict.KEY, Verdict.PROOF);
        assertCompared(c -> Math.abs(c.nanos()) < OTHER_OBJECT, PROOFS, either);
    }

    @Test
    void withoutADecoyItWouldNot() throws Exception {
        agent(w.keys.get(0), new Careless());
        IntConsumer either = either(unknown(), retagged(Packet.PROOF_OFFSET));
        expect(either, Verdict.KEY, Verdict.PROOF);
        assertCompared(c -> c.differs() && c.nanos() > 2 * OTHER_OBJECT, PROOFS, either);
    }

    @Test
    void whereAProofIsWrongDoesNotMatter() {
        IntConsumer either = either(retagged(Packet.PROOF_OFFSET), retagged(Packet.KEY_ID_OFFSET - 1));
        expect(either, Verdict.PROOF, Verdict.PROOF);
        assertCompared(c -> !c.differs(), PROOFS, either);
    }

    @Test
    void ifItWereComparedUntilItDiffersItWould() throws Exception {
        agent(new Hasty(w.keys.get(0), right), w.keys.get(0));
        IntConsumer either = either(retagged(Packet.PROOF_OFFSET), retagged(Packet.KEY_ID_OFFSET - 1));
        expect(either, Verdict.PROOF, Verdict.PROOF);
        assertCompared(TimingComparison::differs, PROOFS, either);
    }

    @Test
    void whereATagIsWrongDoesNotMatter() {
        byte[] first = right.clone();
        byte[] last = right.clone();
        first[Packet.TAG_OFFSET] ^= 1;
        last[Packet.LENGTH - 1] ^= 1;
        IntConsumer either = either(first, last);
        expect(either, Verdict.GATE, Verdict.GATE);
        assertCompared(c -> !c.differs(), TAGS, either);
    }

    /** Nor does it matter what the junk is. */
    @Test
    void zerosTakeAsLongAsNoise() {
        byte[] noise = right.clone();
        noise[0] ^= 1;
        IntConsumer either = either(new byte[Packet.LENGTH], noise);
        expect(either, Verdict.GATE, Verdict.GATE);
        assertCompared(c -> !c.differs(), TAGS, either);
    }

    private void assertCompared(Predicate<TimingComparison> expected, int calls, IntConsumer either) {
        TimingComparison c = TimingComparison.until(expected, calls, either, this::knock);
        assertTrue(expected.test(c), c.toString());
        assertEquals(0, others, "were refused for something else");
    }

    private byte[] unknown() throws GeneralSecurityException {
        return ClientKeyset.create(w.server).keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
    }

    /** The right packet with one octet wrong, by somebody who has the gate key. */
    private byte[] retagged(int at) {
        byte[] p = right.clone();
        p[at] ^= 1;
        w.server.gate().putTag(p, 0);
        return p;
    }

    /** Both packets are read and written, so that the cache is the same whichever it is. */
    private IntConsumer either(byte[] a, byte[] b) {
        return which -> {
            w.clock.pass(SLOWLY);
            System.arraycopy(which == 0 ? b : a, 0, block, 0, Packet.LENGTH);
            System.arraycopy(which == 0 ? a : b, 0, block, 0, Packet.LENGTH);
        };
    }

    private void knock() {
        Verdict verdict = w.agent.knock(block, 0, block.length, World.HOME.high(), World.HOME.low());
        others += verdicts.contains(verdict) ? 0 : 1;
    }

    private void expect(IntConsumer either, Verdict first, Verdict second) {
        either.accept(0);
        assertEquals(first, w.send(block, World.HOME));
        either.accept(1);
        assertEquals(second, w.send(block, World.HOME));
        verdicts = EnumSet.of(first, second);
    }

    /** Another agent for the same client. */
    private void agent(KnockKey key, KnockKey decoy) throws KernelException {
        Settings settings = w.agent.settings();
        w.agent = new Agent(settings, w.kernel, w.server.gate(), w.marks, w.leases, w.clock, decoy, w.random, w);
        w.agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, true, null, List.of(key))));
        w.agent.apply(settings);
    }

    /** As if nothing were proved for an unknown id. */
    private static final class Careless implements KnockKey {
        @Override
        public long id() {
            return 0;
        }

        @Override
        public boolean proves(byte[] p, int off) {
            return false;
        }

        @Override
        public byte[] head(byte[] p, int off) {
            throw new IllegalStateException("nothing is proved");
        }

        @Override
        public byte[] open(byte[] p, int off) {
            throw new IllegalStateException("nothing is proved");
        }

        @Override
        public Ip6Address doorBits(byte[] p, int off, int salt) {
            throw new IllegalStateException("nothing is proved");
        }
    }

    /** Compares as a programmer in a hurry would. */
    private static final class Hasty implements KnockKey {
        private final KnockKey key;
        private final byte[] proved;

        Hasty(KnockKey key, byte[] proved) {
            this.key = key;
            this.proved = proved;
        }

        @Override
        public long id() {
            return key.id();
        }

        @Override
        public boolean proves(byte[] p, int off) {
            if (key.proves(p, off)) {
                return true;
            }
            for (int i = Packet.PROOF_OFFSET; i < Packet.PROOF_OFFSET + Packet.PROOF_LENGTH; i++) {
                if (p[off + i] != proved[i]) {
                    return false;
                }
            }
            return false;
        }

        @Override
        public byte[] head(byte[] p, int off) {
            throw new IllegalStateException("nothing is proved");
        }

        @Override
        public byte[] open(byte[] p, int off) {
            throw new IllegalStateException("nothing is proved");
        }

        @Override
        public Ip6Address doorBits(byte[] p, int off, int salt) {
            throw new IllegalStateException("nothing is proved");
        }
    }
}
