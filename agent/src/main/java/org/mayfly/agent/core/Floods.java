package org.mayfly.agent.core;

import java.util.Arrays;

/**
 * Who sends so many packets with a right gate tag and nothing right behind it that they are not to be looked at: a hostile
 * client, or somebody who sends old knocks again. Counts what was refused, so that who is let in is never limited here.
 *
 * <p>While there is little of it nobody is limited, for the address that a packet says it came from may be that of somebody
 * else, who would be kept out by a few packets a second. When there is much, each source may have a share. A source is the /64 of
 * an IPv6 address, and an IPv4 address.
 *
 * <p>A token bucket a source, in a table of fixed size: a place holds the time at which the bucket will be full again
 * (GCRA, ITU-T I.371), and no more; two sources in one place share it. Nothing is allocated after construction.
 */
final class Floods {
    private static final long SECOND = 1_000_000_000L;

    /** 10,000 refused in a second cost the machine less than a hundredth of a core: a token of all together. */
    private static final long COMMON = SECOND / 10_000;

    /** When there is more, a source may have 100 of them looked at: a token of its own. */
    private static final long OWN = SECOND / 100;

    private static final int PLACES = 1 << 14;
    private static final long IPV4_MAPPED = 0xffffL;
    private static final long MIX = 0x9e3779b97f4a7c15L; // 2^64 divided by the golden ratio

    /** Of a bucket: it is full. */
    private static final long NEVER_USED = Long.MIN_VALUE;

    private final long factor;
    private final long[] full = new long[PLACES];
    private long allFull = NEVER_USED;

    /** @param seed keeps an attacker from choosing whom he shares a place with */
    Floods(long seed) {
        this.factor = seed | 1;
        Arrays.fill(full, NEVER_USED);
    }

    /** Whether nothing of that source is to be looked at for now. */
    boolean isFlooding(long high, long low, long now) {
        return isEmpty(allFull, COMMON, now) && isEmpty(full[place(high, low)], OWN, now);
    }

    /** Something of that source was refused behind the gate. */
    void refused(long high, long low, long now) {
        allFull = taken(allFull, COMMON, now);
        int place = place(high, low);
        full[place] = taken(full[place], OWN, now);
    }

    /** A bucket holds the tokens of one second. */
    private static boolean isEmpty(long fullAt, long token, long now) {
        return fullAt != NEVER_USED && fullAt - now > SECOND - token;
    }

    private static long taken(long fullAt, long token, long now) {
        long from = fullAt == NEVER_USED || fullAt - now < 0 ? now : fullAt;
        return Math.min(from + token, now + SECOND);
    }

    private int place(long high, long low) {
        boolean ipv4 = high == 0 && low >>> 32 == IPV4_MAPPED;
        long h = (ipv4 ? low : high) * factor;
        h = (h ^ h >>> 32) * MIX; // or neighbours would lie at regular distances, many in one place
        return (int) (h >>> 32) & PLACES - 1;
    }
}
