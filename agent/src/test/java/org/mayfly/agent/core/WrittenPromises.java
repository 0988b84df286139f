package org.mayfly.agent.core;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What holds of what is written down, after every event of a {@link Simulation}. */
final class WrittenPromises {
    private final Simulation s;
    private final Agent agent;
    private final Map<String, Lease> byId;
    private final Set<Permit> orphans;

    WrittenPromises(Simulation s, Agent agent, Map<String, Lease> byId, Set<Permit> orphans) {
        this.s = s;
        this.agent = agent;
        this.byId = byId;
        this.orphans = orphans;
    }

    void check() {
        Set<Permit> written = new HashSet<>();
        Set<Permit> cut = new HashSet<>();
        s.store.inUse().forEach((slot, r) -> {
            if (s.store.unstruck().contains(slot)) {
                return;
            }
            if (r.cut()) {
                Promises.holds(cut.add(r.permit()), "a cut is written down twice", r.permit());
            } else {
                lease(r, byId.get(MemoryLeases.id(r)));
                written.add(r.permit());
            }
        });
        for (Lease lease : agent.leases()) {
            for (Permit p : lease.permits()) {
                boolean there = written.contains(p) || s.store.isUnwritten(lease.id(), p);
                Promises.holds(there, "a lease is not written down", p);
            }
        }
    }

    private void lease(LeaseRecord r, @Nullable Lease lease) {
        if (lease == null || !lease.permits().contains(r.permit())) {
            Promises.holds(orphans.contains(r.permit()), "a lease is written down that is over", r.id());
            return;
        }
        boolean exact = lease.doomed()
                || s.store.isUnwritten(MemoryLeases.id(r), r.permit())
                || r.windowEnd() == lease.windowEnd() && r.key() == lease.key();
        Promises.holds(exact, "a lease is written down otherwise than it is", r.id());
    }
}
