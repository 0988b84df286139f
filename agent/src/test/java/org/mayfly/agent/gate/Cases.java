package org.mayfly.agent.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Packet;
import org.mayfly.knock.Secret;
import org.mayfly.netlink.Bytes;

/** The packets that all three gates judge, the same again each time. */
final class Cases {
    static final GateKey KEY = key(1);
    static final GateKey OTHER = key(2);

    private static final int MANY = 1000;
    private static final int LONGEST = 300;

    /**
     * A packet.
     *
     * @param name what is special about it
     */
    record Case(String name, Bytes packet) {}

    private final List<Case> cases = new ArrayList<>();
    private final Random random = new Random(5);

    private Cases() {}

    private static GateKey key(long seed) {
        byte[] bytes = new byte[GateKey.LENGTH];
        new Random(seed).nextBytes(bytes);
        return GateKey.of(Secret.of(bytes));
    }

    /** What the gate in user space says. */
    static boolean good(GateKey key, Bytes packet) {
        return packet.length() == Packet.LENGTH && key.matches(packet.toArray(), 0);
    }

    /** All of them. */
    static List<Case> all() {
        Cases c = new Cases();
        c.genuine();
        c.altered();
        c.ofEachLength();
        for (int i = 0; i < MANY; i++) {
            c.add("random " + i, c.noise(Packet.LENGTH));
        }
        return c.cases;
    }

    private void genuine() {
        for (int i = 0; i < 20; i++) {
            byte[] noise = noise(Packet.LENGTH);
            add("good " + i, tagged(KEY, noise));
            add("good for another key " + i, tagged(OTHER, noise));
        }
        for (int octet : new int[] {0x00, 0x7f, 0x80, 0xff}) {
            byte[] same = new byte[Packet.LENGTH];
            Arrays.fill(same, (byte) octet);
            add("nothing but " + octet, same.clone());
            add("nothing but " + octet + ", and the tag", tagged(KEY, same));
        }
    }

    private void altered() {
        byte[] good = tagged(KEY, noise(Packet.LENGTH));
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            add("octet " + i + " altered", bad);
        }
        for (int i = Packet.TAG_OFFSET; i < good.length; i += 4) {
            byte[] half = good.clone();
            Arrays.fill(half, i, i + 4, (byte) 0);
            add("half of the tag missing from " + i, half);
        }
    }

    private void ofEachLength() {
        byte[] good = tagged(KEY, noise(Packet.LENGTH));
        for (int length = 0; length < LONGEST; length++) {
            add("of length " + length, Arrays.copyOf(good, length));
        }
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] tagged(GateKey key, byte[] packet) {
        byte[] tagged = packet.clone();
        key.putTag(tagged, 0);
        return tagged;
    }

    private void add(String name, byte[] packet) {
        cases.add(new Case(name, Bytes.of(packet)));
    }
}
