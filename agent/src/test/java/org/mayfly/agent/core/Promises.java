package org.mayfly.agent.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.mayfly.knock.Ip6Address;

/** What holds after every event of a {@link Simulation}, whatever happened. */
final class Promises {
    /** An address lives whole seconds, and by as much longer than its lease needs it. */
    private static final Duration LATE = KernelPort.ADDRESS_GRACE.plusSeconds(1);

    /** How long a session's address is held at a time, at most. */
    private static final Duration HELD = Duration.ofSeconds(61);

    private Promises() {}

    static void check(Simulation s) {
        Agent agent = s.agent;
        if (agent == null) {
            return; // the kernel's deadlines go on: it is looked at when there is one again
        }
        Map<Permit, Long> windows = new HashMap<>();
        Map<Ip6Address, Lease> doors = new HashMap<>();
        Map<String, Integer> held = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (Lease lease : agent.leases()) {
            holds(ids.add(lease.id()), "a lease is there twice", lease.id());
            windows.merge(lease.permit(), lease.windowEnd(), Math::max);
            if (!lease.permit().isIpv4()) {
                holds(doors.put(lease.door(), lease) == null, "a door is there twice", lease.door());
            }
            held.merge(lease.client(), 1, Integer::sum);
        }
        quotas(agent, held);
        permits(s, windows);
        addresses(s, doors);
        Map<String, Permit> written = s.written();
        written.forEach((id, permit) -> holds(
                s.diskWasFull || ids.contains(id) || agent.orphans().contains(permit),
                "a lease is written down that is over",
                id));
        holds(s.diskWasFull || written.keySet().containsAll(ids), "a lease is not written down", ids);
        for (Permit p : s.kernel.inSession()) {
            boolean known = windows.containsKey(p) || agent.orphans().contains(p);
            holds(s.diskWasFull || known, "a session has no lease", p);
        }
        overdue(s, agent);
        if (agent.settled() && s.isCalm()) {
            whole(s, agent);
        }
    }

    /** What a lease needs is there, unless somebody took it away and it is about to be put back. */
    private static void whole(Simulation s, Agent agent) {
        long now = s.clock.monotonicNanos();
        holds(s.kernel.guard() != null, "the guard is gone", "");
        Map<Permit, Duration> permits = s.kernel.standing();
        Map<Ip6Address, Duration> doors = s.kernel.doors();
        boolean address = agent.guard().doors().get(0).mode() == DoorMode.ADDRESS;
        for (Lease lease : agent.leases()) {
            if (lease.doomed()) {
                continue;
            }
            boolean open = lease.windowEnd() - now > 1_000_000;
            holds(!open || permits.containsKey(lease.permit()), "a lease has no permit", lease.id());
            boolean needs = address && !lease.permit().isIpv4() && (open || lease.state() == Lease.State.SESSION);
            holds(!needs || doors.containsKey(lease.door()), "a lease has no address", lease.id());
        }
    }

    private static void quotas(Agent agent, Map<String, Integer> held) {
        held.forEach((client, count) -> holds(count <= Simulation.QUOTA.leases(), "too many leases", client));
        holds(
                agent.leases().size() <= Simulation.DOORS,
                "too many doors",
                agent.leases().size());
    }

    /** Nobody is let in without a lease, or after its window. */
    private static void permits(Simulation s, Map<Permit, Long> windows) {
        long now = s.clock.monotonicNanos();
        s.kernel.standing().forEach((permit, left) -> {
            Long end = windows.get(permit);
            holds(end != null, "a permit has no lease", permit);
            holds(end == null || now + left.toNanos() <= end, "a permit outlives its window", permit);
        });
    }

    /** An address is up for a lease, or goes in a minute because the kernel refused to take it down. */
    private static void addresses(Simulation s, Map<Ip6Address, Lease> doors) {
        long now = s.clock.monotonicNanos();
        s.kernel.doors().forEach((door, left) -> {
            Lease lease = doors.get(door);
            holds(lease != null || s.callsFailed, "an address has no lease", door);
            long window = lease == null ? 0 : lease.windowEnd() - now;
            long most = Math.max(HELD.toNanos(), window + LATE.toNanos());
            holds(lease == null || left.toNanos() <= most, "an address stays too long: " + left, door);
        });
    }

    /** Nothing is put off, as long as the kernel does what it is asked. */
    private static void overdue(Simulation s, Agent agent) {
        long now = s.clock.monotonicNanos();
        holds(agent.nextDue() > now, "something is due and was not done", agent.nextDue());
        for (Lease lease : agent.leases()) {
            boolean over = now >= lease.sessionEnd();
            holds(!over || s.callsFailed, "a lease outlives its session limit", lease.id());
        }
    }

    private static void holds(boolean promise, String broken, Object what) {
        if (!promise) {
            throw new AssertionError(broken + ": " + what);
        }
    }
}
