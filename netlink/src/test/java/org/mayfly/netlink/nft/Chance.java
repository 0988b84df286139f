package org.mayfly.netlink.nft;

import java.util.List;
import java.util.Random;
import org.mayfly.netlink.Bytes;

/** A source of whatever, the same again for the same seed. */
final class Chance {
    /** {@code NFT_NAME_MAXLEN}, without the zero. */
    private static final int LONGEST_NAME = 255;

    private final Random random;
    private int names;

    Chance(long seed) {
        random = new Random(seed);
    }

    /** 0 to {@code most}. */
    int upTo(int most) {
        return random.nextInt(most + 1);
    }

    /** True once in so many times. */
    boolean once(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** A number that is not below 0, of any size. */
    long some() {
        return random.nextLong() >>> 1 + random.nextInt(63);
    }

    Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }

    /** No two are alike. A few are as long as a name may be. */
    String name() {
        String name = "n" + names++;
        return once(20) ? name + "_".repeat(LONGEST_NAME - name.length()) : name;
    }

    String comment() {
        return "c" + word(once(10) ? 120 : 20);
    }

    String word(int longest) {
        StringBuilder text = new StringBuilder();
        for (int i = upTo(longest); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
