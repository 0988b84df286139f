package org.mayfly.agent.core;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Leases that outlive an agent of a test, and a disk that can be full. */
public final class MemoryLeases implements LeaseStore {
    private final Map<Integer, LeaseRecord> bySlot = new HashMap<>();
    private int next;
    private boolean full;

    void full(boolean now) {
        full = now;
    }

    Map<Integer, LeaseRecord> all() {
        return new LinkedHashMap<>(bySlot);
    }

    @Override
    public int put(int slot, LeaseRecord lease) throws IOException {
        if (full) {
            throw new IOException("no space left on device");
        }
        int at = slot == NONE ? next++ : slot;
        bySlot.put(at, lease);
        return at;
    }

    @Override
    public void remove(int slot) throws IOException {
        if (full) {
            throw new IOException("no space left on device");
        }
        bySlot.remove(slot);
    }
}
