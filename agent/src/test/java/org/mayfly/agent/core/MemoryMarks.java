package org.mayfly.agent.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Replay marks that live as long as the test keeps them. */
public final class MemoryMarks implements Marks {
    private final List<Long> ids = new ArrayList<>();
    private long[] stamps = new long[0]; // a List would allocate
    private boolean trusted;
    private boolean kept = true;
    private long floor = Long.MIN_VALUE;

    public MemoryMarks(boolean trusted) {
        this.trusted = trusted;
    }

    @Override
    public int slot(long keyId) {
        if (!ids.contains(keyId)) {
            ids.add(keyId);
            stamps = Arrays.copyOf(stamps, ids.size());
            stamps[ids.size() - 1] = Long.MIN_VALUE;
        }
        return ids.indexOf(keyId);
    }

    @Override
    public long stamp(int slot) {
        return Math.max(floor, stamps[slot]);
    }

    @Override
    public void raise(int slot, long stamp) {
        stamps[slot] = stamp;
    }

    @Override
    public void floor(long stamp) {
        floor = stamp;
        trusted = true;
    }

    /** Whether the disk takes them. */
    void keep(boolean now) {
        kept = now;
    }

    /** They are lost. */
    void forget() {
        ids.clear();
        stamps = new long[0];
        floor = Long.MIN_VALUE;
        trusted = false;
    }

    @Override
    public boolean kept() {
        return kept;
    }

    @Override
    public boolean trusted() {
        return trusted;
    }
}
