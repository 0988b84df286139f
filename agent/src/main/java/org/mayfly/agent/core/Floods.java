package org.mayfly.agent.core;

import java.util.Arrays;

/**
 * Who sends so many packets with a right gate tag and nothing right behind it that they are not to be looked at: a hostile
 * client, or somebody who sends old knocks again. Counts what was refused, so that who is let in is never limited here.
 *
 * <p>While there is little of it nobody is limited. When there is much, each source may have a share, for each key that it
 * says its packets are of: so who sends under another's address keeps him out only if he knows his key id as well. A source
 * is the /64 of an IPv6 address, and an IPv4 address.
 *
 * <p>Token buckets in two tables of fixed size: a place holds the time at which its bucket will be full again (GCRA, ITU-T
 * I.371), and no more. Several sources share a place, so one is flooding only if both of its places say so. Nothing is
 * allocated after construction.
 */
final class Floods {
    private static final long SECOND = 1_000_000_000L;

    /** To look at 10,000 in a second takes less than a hundredth of a core: a token of all together. */
    private static final long COMMON = SECOND / 10_000;

    /** When there is more, a source may have 100 of them looked at: a token of its own. */
    private static final long OWN = SECOND / 100;

    private static final int PLACES = 1 << 15;
    private static final long IPV4_MAPPED = 0xffffL;
    private static final long MIX = 0x9e3779b97f4a7c15L; // 2^64 divided by the golden ratio

    /** Of a bucket: it is full. */
    private static final long NEVER_USED = Long.MIN_VALUE;

    private final long factor;
    private final long[] first = new long[PLACES];
    private final long[] second = new long[PLACES];
    private long allFull = NEVER_USED;

    /** @param seed keeps an attacker from choosing whom he shares a place with */
    Floods(long seed) {
        this.factor = seed | 1;
        Arrays.fill(first, NEVER_USED);
        Arrays.fill(second, NEVER_USED);
    }

    /**
     * Whether nothing of that source is to be looked at for now.
     *
     * @param slot of the key that the packet says it is of; any other number for one that there is not
     */
    boolean isFlooding(long high, long low, int slot, long now) {
        if (!isEmpty(allFull, COMMON, now)) {
            return false;
        }
        long hash = hash(high, low, slot);
        return isEmpty(first[place(hash)], OWN, now) && isEmpty(second[place(hash >>> 32)], OWN, now);
    }

    /** Something of that source was refused behind the gate. */
    void refused(long high, long low, int slot, long now) {
        allFull = taken(allFull, COMMON, now);
        long hash = hash(high, low, slot);
        take(first, place(hash), now);
        take(second, place(hash >>> 32), now);
    }

    private static void take(long[] table, int place, long now) {
        table[place] = taken(table[place], OWN, now);
    }

    /** A bucket holds the tokens of one second. */
    private static boolean isEmpty(long fullAt, long token, long now) {
        return fullAt != NEVER_USED && fullAt - now > SECOND - token;
    }

    private static long taken(long fullAt, long token, long now) {
        long from = fullAt == NEVER_USED || fullAt - now < 0 ? now : fullAt;
        return Math.min(from + token, now + SECOND);
    }

    private static int place(long hash) {
        return (int) hash & PLACES - 1;
    }

    /** Two places: the lower bits, and those from 32 on. */
    private long hash(long high, long low, int slot) {
        boolean ipv4 = high == 0 && low >>> 32 == IPV4_MAPPED;
        long h = ((ipv4 ? low : high) ^ (long) slot << 40) * factor;
        h = (h ^ h >>> 32) * MIX; // or neighbours would lie at regular distances, many in one place
        h = (h ^ h >>> 29) * factor;
        return h ^ h >>> 32;
    }
}
