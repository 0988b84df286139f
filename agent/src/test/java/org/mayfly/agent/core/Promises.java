package org.mayfly.agent.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What holds after every event of a {@link Simulation}, whatever happened. */
final class Promises {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    /** An address lives whole seconds, and by as much longer than its lease needs it. */
    private static final long LATE = KernelPort.ADDRESS_GRACE.plusSeconds(1).toNanos();

    /** How long a session's address is held at a time, at most. */
    private static final long HELD = Leases.HOLD.plusSeconds(1).toNanos();

    /** How long it may take until a prefix goes that nobody has a door in. */
    private static final long KEPT = 12 * SECOND;

    private static final Duration LONGEST = Duration.ofSeconds(101);

    private final Simulation s;
    private final Agent agent;
    private final InMemoryKernel kernel;
    private final long now;

    /** Whether what was taken away has been put back, and what failed has been tried again. */
    private final boolean calm;

    /** Whether that too has been tried again that failed for want of what was taken away. */
    private final boolean quiet;

    /** How much later something may have reached the kernel than it was sent. */
    private final long late;

    private final Map<Permit, Long> windows = new HashMap<>();
    private final Map<Ip6Address, Lease> doors = new HashMap<>();
    private final Map<String, Lease> byId = new HashMap<>();
    private final Set<Permit> orphans;

    private Promises(Simulation s, Agent agent) {
        this.s = s;
        this.agent = agent;
        this.kernel = s.kernel;
        this.now = s.clock.monotonicNanos();
        this.calm = s.mischief.isOver(Duration.ofSeconds(1));
        this.quiet = s.mischief.isOver(Duration.ofSeconds(2));
        this.late = s.mischief.late(LONGEST);
        this.orphans = agent.orphans();
    }

    static void check(Simulation s) {
        Agent agent = s.agent;
        if (agent != null) { // else the kernel's deadlines go on: it is looked at when there is one again
            new Promises(s, agent).check();
        }
    }

    private void check() {
        Map<String, Integer> held = new HashMap<>();
        for (Lease lease : agent.leases()) {
            holds(byId.put(lease.id(), lease) == null, "a lease is there twice", lease.id());
            for (Permit p : lease.permits()) {
                windows.merge(p, lease.windowEnd(), Math::max);
                holds(p.isIpv4() || doors.put(p.door(), lease) == null, "a door is there twice", p.door());
            }
            if (!s.ledger.isUninvited(lease.id())) {
                held.merge(lease.client(), 1, Integer::sum);
            }
            lease(lease);
        }
        held.forEach((client, count) -> holds(count <= SimulatedPlan.LEASES, "too many leases", client));
        int all = held.values().stream().mapToInt(n -> n).sum();
        holds(all <= SimulatedPlan.DOORS, "too many doors", all);
        permits();
        addresses();
        new WrittenPromises(s, agent, byId, orphans).check();
        sessions();
        prefixes();
        if (calm) {
            whole();
        }
    }

    private void lease(Lease lease) {
        String id = lease.id();
        holds(!s.ledger.isOver(id), "a lease that was over is back", id);
        holds(
                !s.ledger.isRevoking(id) || lease.doomed() || lease.windowEnd() <= now,
                "a lease that was to be revoked goes on",
                id);
        boolean pending = lease.state() == Lease.State.PENDING;
        boolean over = now >= lease.windowEnd() + Lease.EDGE + late;
        holds(!pending || !over || lease.doomed(), "a lease is pending after its window", id);
        if (!quiet) {
            return;
        }
        holds(!lease.doomed(), "a lease that is to be revoked is still there", id);
        holds(isRight(lease), "a lease would not be given any more", id);
        holds(now < lease.sessionEnd() + 2 * SECOND + late, "a lease outlives its session limit", id);
        boolean open = lease.opened() + SECOND < now && now < lease.windowEnd();
        boolean up = open && kernel.isReachable(lease.permit());
        holds(!pending || !up, "a lease is pending though its door is up", id);
    }

    private boolean isRight(Lease lease) {
        Service service = s.settings().services().get(lease.service().name());
        for (Permit p : lease.permits()) {
            if (service == null
                    || service.port() != p.port()
                    || service.protocol() != p.protocol()
                    || p.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
                return false;
            }
        }
        return s.people.mayHave(lease.client(), lease.service().name(), s.ledger.key(lease));
    }

    /** Nobody is let in without a lease, or after its window. */
    private void permits() {
        kernel.standing().forEach((permit, left) -> {
            Long end = windows.get(permit);
            holds(end != null, "a permit has no lease", permit);
            holds(end == null || now + left.toNanos() <= end + late, "a permit outlives its window", permit);
        });
    }

    /** An address is up for a lease, or goes within a second since the kernel refused to take it down. */
    private void addresses() {
        kernel.doors().forEach((door, left) -> {
            Lease lease = doors.get(door);
            holds(lease != null || !calm, "an address has no lease", door);
            long window = lease == null ? Long.MAX_VALUE / 2 : lease.windowEnd() - now;
            long most = Math.max(HELD, window + LATE) + late;
            boolean closing =
                    lease != null && window <= 0 && lease.state() != Lease.State.SESSION; // it is looked at soon
            holds(closing || left.toNanos() <= most, "an address stays too long: " + left, door);
        });
    }

    /** Who can still talk does so through a lease, or is about to be cut. */
    private void sessions() {
        for (Permit p : kernel.inSession()) {
            boolean known = windows.containsKey(p)
                    || orphans.contains(p)
                    || agent.hasStrays()
                    || !kernel.isReachable(p)
                    || !isGated(p)
                    || p.isIpv4() && s.ledger.isLost(p);
            holds(known, "a session has no lease", p);
            Lease lease = p.isIpv4() ? null : doors.get(p.door());
            boolean cut = lease != null && lease.cutsSessions() && now > lease.sessionEnd() + late;
            holds(!cut || !quiet, "a session goes on though it ends with its window", p);
        }
    }

    private boolean isGated(Permit p) {
        return agent.guard().gated().stream().anyMatch(g -> g.port() == p.port());
    }

    /** The prefixes that are kept are needed. */
    private void prefixes() {
        List<DoorPrefix> kept = agent.guard().doors();
        holds(kept.size() <= SimulatedPlan.PREFIXES, "too many prefixes", kept);
        List<DoorPrefix> before = kept.subList(1, kept.size());
        s.ledger.keeps(before);
        for (DoorPrefix prefix : before) {
            boolean needed = doors.keySet().stream()
                    .anyMatch(d -> prefix.equals(agent.guard().of(d)));
            long since = s.ledger.idleSince(prefix.space().prefix(), needed, now);
            holds(now - since < KEPT + late, "a prefix is kept that nobody has a door in", prefix);
        }
    }

    /** What leases need is there a second after it went wrong last, and nothing else is. */
    private void whole() {
        holds(agent.guard().equals(kernel.guard()), "the guard is not what it should be", "");
        Set<Ip6Prefix> routes = new HashSet<>();
        for (DoorPrefix p : agent.guard().doors()) {
            if (p.mode() == DoorMode.ANYIP) {
                routes.add(p.space().prefix());
            }
        }
        holds(routes.equals(kernel.routes()), "routes are others than those of the guard's prefixes", routes);
        Map<Permit, Duration> permits = kernel.standing();
        Map<Ip6Address, Duration> up = kernel.doors();
        for (Lease lease : agent.leases()) {
            for (Permit p : lease.permits()) {
                boolean open = lease.windowEnd() - now > MILLI && !lease.doomed();
                holds(!open || permits.containsKey(p), "a lease has no permit", p);
                holds(!open || !kernel.isRevoked(p), "a lease is let in and cut off", p);
                boolean needs = agent.guard().needsAddress(p.door()) && (open || lease.state() == Lease.State.SESSION);
                holds(!needs || up.containsKey(p.door()), "a lease has no address", p);
                holds(p.isIpv4() || agent.guard().of(p.door()) != null, "a door is in no prefix", p);
            }
        }
        kernel.owed()
                .forEach((p, end) ->
                        holds(end - now < MILLI || kernel.isRevoked(p), "who was cut off is not any more", p));
        holds(!quiet || orphans.isEmpty() && !agent.hasStrays(), "sessions of before are not cut yet", orphans);
    }

    /** Leases whose window is open have a door in the prefix that was chosen just now, where there can be one. */
    static void followed(Agent agent, long now) {
        DoorPrefix current = agent.guard().doors().get(0);
        int length = current.space().prefix().length();
        for (Lease lease : agent.leases()) {
            DoorPrefix newest = agent.guard().of(lease.door());
            boolean may = !lease.permit().isIpv4()
                    && !lease.doomed()
                    && lease.windowEnd() - now > MILLI
                    && newest != null
                    && newest.space().prefix().length() == length;
            boolean has = lease.permits().stream().anyMatch(p -> current.contains(p.door()));
            boolean taken = agent.isDoor(current.space().prefix().with(lease.door())); // of a record that was copied
            holds(!may || has || taken, "a lease has no door in the new prefix", lease.id());
        }
    }

    static void holds(boolean promise, String broken, Object what) {
        if (!promise) {
            throw new AssertionError(broken + ": " + what);
        }
    }
}
