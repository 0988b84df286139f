package org.mayfly.agent.core;

import java.util.ArrayList;
import java.util.List;

/** Replay marks that live as long as the test keeps them. */
public final class MemoryMarks implements Marks {
    private final List<Long> ids = new ArrayList<>();
    private final List<Long> stamps = new ArrayList<>();
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
            stamps.add(Long.MIN_VALUE);
        }
        return ids.indexOf(keyId);
    }

    @Override
    public long stamp(int slot) {
        return Math.max(floor, stamps.get(slot));
    }

    @Override
    public void raise(int slot, long stamp) {
        stamps.set(slot, stamp);
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
        stamps.clear();
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
