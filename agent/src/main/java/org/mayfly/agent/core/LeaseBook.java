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

    private static final long RETRY = Duration.ofSeconds(10).toNanos();

    private record Cut(long until, int slot) {}

    private final LeaseStore store;
    private final Clock clock;
    private final Trouble trouble;

    /** In the order of their ends, since all are remembered for the same time; but for those from before a restart. */
    private final Map<Permit, Cut> cuts = new LinkedHashMap<>();

    /** Slots of what is over, and is written down still. */
    private final List<Integer> unfreed = new ArrayList<>();

    private long due;

    LeaseBook(LeaseStore store, Clock clock, AgentListener listener) {
        this.store = store;
        this.clock = clock;
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

    void cut(Permit permit) {
        long now = clock.monotonicNanos();
        forget(now);
        forgive(permit);
        cut(permit, now + REMEMBERED.toNanos(), LeaseStore.NONE);
    }

    /** As it was written down before a restart; if it was twice, until the later of both. */
    void cut(Permit permit, long until, int slot) {
        Cut before = cuts.get(permit);
        if (before != null && before.until() >= until) {
            free(slot);
            return;
        }
        forgive(permit);
        long since = until - REMEMBERED.toNanos();
        LeaseRecord record = new LeaseRecord(true, 0, "", "", permit, 0, since, until, until);
        cuts.put(permit, new Cut(until, slot == LeaseStore.NONE ? put(slot, record) : slot));
    }

    void forgive(Permit permit) {
        Cut cut = cuts.remove(permit);
        if (cut != null) {
            free(cut.slot());
        }
    }

    /** Whether the permit was cut off then or since, and not let in anew. */
    boolean isCutSince(Permit permit, long then) {
        Cut cut = cuts.get(permit);
        return cut != null && cut.until() - REMEMBERED.toNanos() >= then;
    }

    /** Who is cut off, and for how much longer: a millisecond or more, since the kernel takes 0 for ever. */
    Map<Permit, Duration> cuts(long now) {
        forget(now);
        Map<Permit, Duration> left = new HashMap<>();
        cuts.forEach((permit, cut) -> {
            Duration more = Duration.ofNanos(cut.until() - now);
            if (more.toMillis() > 0) {
                left.put(permit, more);
            }
        });
        return left;
    }

    /** Looks no further than the first that is not over, or a thousand leases that are revoked at once would take long. */
    private void forget(long now) {
        for (Iterator<Cut> i = cuts.values().iterator(); i.hasNext(); ) {
            Cut cut = i.next();
            if (cut.until() > now) {
                return;
            }
            i.remove();
            free(cut.slot());
        }
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
        if (slot != LeaseStore.NONE) {
            unfreed.add(slot);
            free();
        }
    }

    /** When {@link #freeAgain} has something to do; {@link Long#MAX_VALUE} for never. */
    long due() {
        return unfreed.isEmpty() ? Long.MAX_VALUE : due;
    }

    /** What could not be struck out is a lease that the next start would go on with. */
    void freeAgain(long now) {
        if (now >= due()) {
            free();
            due = now + RETRY;
        }
    }

    private void free() {
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
