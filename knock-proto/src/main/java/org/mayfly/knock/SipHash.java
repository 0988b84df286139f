package org.mayfly.knock;

/**
 * SipHash-2-4 with a tag of 64 bits (Aumasson and Bernstein, <i>SipHash: a fast short-input PRF</i>, 2012). Allocates
 * nothing.
 */
public final class SipHash {
    private static final long C0 = 0x736f6d6570736575L; // "somepseudorandomlygeneratedbytes"
    private static final long C1 = 0x646f72616e646f6dL;
    private static final long C2 = 0x6c7967656e657261L;
    private static final long C3 = 0x7465646279746573L;

    private SipHash() {}

    /**
     * @param k0 bytes 0 to 7 of the key, little-endian
     * @param k1 bytes 8 to 15
     */
    public static long hash(long k0, long k1, byte[] b, int off, int len) {
        int whole = len & ~7;
        long last = (long) len << 56;
        for (int i = whole; i < len; i++) {
            last |= (b[off + i] & 0xffL) << ((i & 7) << 3);
        }
        return words(k0, k1, b, off, whole, last);
    }

    /** The hash of {@code len} bytes, a multiple of eight, and then one more that is not in the array. */
    static long hashAnd(long k0, long k1, byte[] b, int off, int len, int more) {
        return words(k0, k1, b, off, len, (long) (len + 1) << 56 | more & 0xffL);
    }

    /** Two rounds for each word and for {@code last}, then four: the name's 2 and 4. One loop, so that one body inlines. */
    private static long words(long k0, long k1, byte[] b, int off, int whole, long last) {
        long v0 = k0 ^ C0;
        long v1 = k1 ^ C1;
        long v2 = k0 ^ C2;
        long v3 = k1 ^ C3;
        int rounds = (whole >> 3) * 2 + 6;
        long m = 0;
        for (int r = 0; r < rounds; r++) {
            if ((r & 1) == 0 && r < rounds - 4) {
                m = r < rounds - 6 ? Words.little(b, off + r * 4) : last;
                v3 ^= m;
            } else if (r == rounds - 4) {
                v2 ^= 0xff;
            }
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            if ((r & 1) == 1 && r < rounds - 4) {
                v0 ^= m;
            }
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
