package org.mayfly.agent.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.Ip6Prefix;

/** What has happened in a {@link Simulation} so far, as far as it binds the agent later on. */
final class SimulatedLedger {
    static final int RECENT = 16;

    /** How a lease came about that there is. */
    private record Grant(long key, long windowEnd) {}

    private final Map<String, Grant> grants = new HashMap<>();

    /** Those that ended and must not come back. */
    private final Set<String> over = new HashSet<>();

    /** Those that ended and came back since the disk refused to strike them out, or that somebody wrote into the file. */
    private final Set<String> uninvited = new HashSet<>();

    /** Those whose revocation the kernel refused at first. */
    private final Set<String> revoking = new HashSet<>();

    /** Permits of which what was written down is not to be found again: the disk refused it, or somebody damaged it. */
    private final Set<Permit> lost = new HashSet<>();

    /** Since when no lease has a door in a prefix that is kept. */
    private final Map<Ip6Prefix, Long> idle = new HashMap<>();

    private final List<Permit> recent = new ArrayList<>();

    /**
     * A lease was opened, or its window began anew.
     *
     * @param key the id of the key of who asked now; 0 for an administrator
     * @param end when a window that begins now would end
     */
    void opened(Lease lease, long key, long end) {
        String id = lease.id();
        Grant before = grants.get(id);
        Promises.holds(!over.contains(id), "a lease that was over is opened", id);
        long most = before == null ? end : Math.max(end, before.windowEnd);
        Promises.holds(lease.windowEnd() <= most, "a lease is longer than was asked for", id);
        long by = key == 0 && before != null ? before.key : key;
        grants.put(id, new Grant(by, lease.windowEnd()));
        revoking.remove(id);
        remember(lease);
    }

    void remember(Lease lease) {
        for (Permit p : lease.permits()) {
            if (!recent.contains(p)) {
                recent.add(p);
                if (recent.size() > RECENT) {
                    recent.remove(0);
                }
            }
        }
    }

    void ended(Lease lease) {
        over.add(lease.id());
        grants.remove(lease.id());
        revoking.remove(lease.id());
    }

    /** A revocation was asked for and failed for now. */
    void revoking(Lease lease) {
        revoking.add(lease.id());
    }

    boolean isOver(String id) {
        return over.contains(id);
    }

    /** Whether it came past the quotas. */
    boolean isUninvited(String id) {
        return uninvited.contains(id);
    }

    boolean isRevoking(String id) {
        return revoking.contains(id);
    }

    /** The key that a lease depends on; 0 for none. */
    long key(Lease lease) {
        Grant g = grants.get(lease.id());
        return g == null ? lease.key() : g.key;
    }

    /** The permits of the last leases, there or not. */
    List<Permit> recent() {
        return recent;
    }

    void damaged(LeaseRecord record, InMemoryKernel kernel) {
        lost.add(record.permit());
        if (record.cut()) {
            kernel.owed().remove(InMemoryKernel.revokedKey(record.permit()));
        }
    }

    /** Records with that id are others than they were. */
    void mixedUp(String id) {
        grants.remove(id);
        over.remove(id);
        revoking.remove(id);
        uninvited.add(id);
    }

    /** What goes on after a start, and of which nothing is known here. */
    void goesOn(Lease lease) {
        grants.putIfAbsent(lease.id(), new Grant(lease.key(), lease.windowEnd()));
    }

    /** What an agent could not read does not count for its quotas, and the next one may find it. */
    void unread(MemoryLeases store, Agent agent) {
        for (LeaseRecord r : store.inUse().values()) {
            String id = MemoryLeases.id(r);
            if (agent.leases().stream().noneMatch(lease -> lease.id().equals(id))) {
                uninvited.add(id);
            }
        }
    }

    boolean isLost(Permit permit) {
        return lost.contains(permit);
    }

    /** The agent is about to start: it cannot know what the disk refused, and may go on with what it did not strike out. */
    void starts(MemoryLeases store, InMemoryKernel kernel) {
        store.unstruck().clear();
        idle.clear();
        Set<Permit> unwritten = store.unwritten(false);
        lost.addAll(unwritten);
        lost.removeIf(p -> !kernel.inSession().contains(p) && !unwritten.contains(p));
        Set<Permit> cut = new HashSet<>();
        store.inUse().values().stream().filter(LeaseRecord::cut).forEach(r -> cut.add(r.permit()));
        for (Permit p : store.unwritten(true)) {
            if (!cut.contains(p)) {
                kernel.owed().remove(InMemoryKernel.revokedKey(p));
            }
        }
        for (LeaseRecord r : store.inUse().values()) {
            if (!r.cut() && !cut.contains(r.permit()) && over.remove(MemoryLeases.id(r))) {
                uninvited.add(MemoryLeases.id(r));
            }
            if (store.isUnwritten(MemoryLeases.id(r), r.permit())) {
                revoking.remove(MemoryLeases.id(r));
                grants.remove(MemoryLeases.id(r));
            }
        }
    }

    /** Those are the prefixes of before; what is known of others is of another time. */
    void keeps(List<DoorPrefix> prefixes) {
        idle.keySet().removeIf(i -> prefixes.stream()
                .noneMatch(p -> p.space().prefix().equals(i)));
    }

    /** Since when no lease has a door there. */
    long idleSince(Ip6Prefix prefix, boolean needed, long now) {
        if (needed) {
            idle.remove(prefix);
            return now;
        }
        return idle.computeIfAbsent(prefix, p -> now);
    }
}
