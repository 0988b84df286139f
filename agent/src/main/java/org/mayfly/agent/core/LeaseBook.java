package org.mayfly.agent.core;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes down what a restart has to know: the leases, and who was cut off. What cannot be written is told once; the lease
 * lives all the same, and ends with the agent.
 */
final class LeaseBook {
    /** How long packets of a cut session are dropped: what the client's TCP sends again in that time finds nobody. */
    static final Duration REMEMBERED = Duration.ofMinutes(5);

    private record Cut(long until, int slot) {}

    private final LeaseStore store;
    private final Trouble trouble;

    /** In the order of their ends, since all are remembered for the same time. */
    private final Map<Permit, Cut> cuts = new LinkedHashMap<>();

    /** Slots of what is over, and is written down still. */
    private final List<Integer> unfreed = new ArrayList<>();

    LeaseBook(LeaseStore store, AgentListener listener) {
        this.store = store;
        this.trouble = new Trouble(listener);
    }

    /** Writes a lease down, or what has changed about it. */
    void write(Lease lease) {
        for (Lease.Way way : lease.ways()) {
            way.slot(put(way.slot(), lease.record(way.permit())));
        }
    }

    void strike(Lease lease) {
        for (Lease.Way way : lease.ways()) {
            free(way.slot());
            way.slot(LeaseStore.NONE);
        }
    }

    void cut(Permit permit, long now) {
        cuts(now); // forgets those that are over
        forgive(permit);
        cut(permit, now + REMEMBERED.toNanos(), LeaseStore.NONE);
    }

    /** As it was written down before a restart. */
    void cut(Permit permit, long until, int slot) {
        LeaseRecord record = new LeaseRecord(true, "0", "", "", permit, 0, until, until, until);
        cuts.put(permit, new Cut(until, slot == LeaseStore.NONE ? put(slot, record) : slot));
    }

    void forgive(Permit permit) {
        Cut cut = cuts.remove(permit);
        if (cut != null) {
            free(cut.slot());
        }
    }

    /** Who is cut off, and for how much longer. */
    Map<Permit, Duration> cuts(long now) {
        Map<Permit, Duration> left = new HashMap<>();
        for (Iterator<Map.Entry<Permit, Cut>> i = cuts.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Permit, Cut> e = i.next();
            if (e.getValue().until() <= now) {
                i.remove();
                free(e.getValue().slot());
            } else {
                left.put(e.getKey(), Duration.ofNanos(e.getValue().until() - now));
            }
        }
        return left;
    }

    private int put(int slot, LeaseRecord record) {
        try {
            int at = store.put(slot, record);
            trouble.isOver();
            return at;
        } catch (IOException e) {
            failed(e);
            return slot;
        }
    }

    void free(int slot) {
        unfreed.add(slot);
        freeAgain();
    }

    /** What could not be struck out is a lease that the next start would go on with. */
    void freeAgain() {
        while (!unfreed.isEmpty()) {
            try {
                store.remove(unfreed.get(unfreed.size() - 1));
                unfreed.remove(unfreed.size() - 1);
            } catch (IOException e) {
                failed(e);
                return;
            }
        }
    }

    private void failed(IOException e) {
        trouble.is("what becomes of leases cannot be written down, and the next start will not know of it: "
                + e.getMessage());
    }
}
