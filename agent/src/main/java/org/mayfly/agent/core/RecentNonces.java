package org.mayfly.agent.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The nonces of packets that were proved lately, so that a flood of replays costs one look-up each. It is a short cut
 * and no authority: what it has forgotten, the time stamps still refuse.
 *
 * <p>Two generations of a fixed table with open addressing; when the younger is half full, the older is emptied and
 * takes its place. Nothing is allocated after construction. Only proved packets are added, so that somebody who holds
 * no more than the gate key cannot get the packet of another refused by sending its nonce first.
 */
final class RecentNonces {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final int mask;
    private final long factor;
    private long[] young;
    private long[] old;
    private int used;

    /**
     * @param capacity nonces remembered at least; a power of two
     * @param seed keeps an attacker from choosing nonces that fall into one place
     */
    RecentNonces(int capacity, long seed) {
        this.mask = 2 * capacity - 1;
        this.factor = seed | 1;
        this.young = new long[4 * capacity];
        this.old = new long[4 * capacity];
    }

    boolean contains(byte[] packet, int offset) {
        long a = (long) LONG.get(packet, offset);
        long b = (long) LONG.get(packet, offset + 8);
        int place = place(a, b);
        return find(young, place, a, b) < 0 || find(old, place, a, b) < 0;
    }

    void add(byte[] packet, int offset) {
        if (2 * used > mask) {
            long[] emptied = old;
            Arrays.fill(emptied, 0);
            old = young;
            young = emptied;
            used = 0;
        }
        long a = (long) LONG.get(packet, offset);
        long b = (long) LONG.get(packet, offset + 8);
        int free = find(young, place(a, b), a, b);
        if (free >= 0) {
            young[2 * free] = a;
            young[2 * free + 1] = b;
            used++;
        }
    }

    /** Where the nonce could be put, or -1 if it is there. All zeros marks a free place and is never found. */
    private int find(long[] table, int place, long a, long b) {
        int i = place;
        while ((table[2 * i] | table[2 * i + 1]) != 0) {
            if (table[2 * i] == a && table[2 * i + 1] == b) {
                return -1;
            }
            i = i + 1 & mask;
        }
        return i;
    }

    private int place(long a, long b) {
        long h = (a ^ Long.rotateLeft(b, 32)) * factor;
        return (int) (h >>> 32) & mask;
    }
}
