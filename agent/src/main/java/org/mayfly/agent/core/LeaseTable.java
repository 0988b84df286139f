package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/** The live leases, by all that they are looked for. */
final class LeaseTable {
    private final Map<Integer, Lease> byId = new LinkedHashMap<>();
    private final Map<Ip6Address, Lease> byDoor = new HashMap<>();

    /** IPv4 leases have no door of their own, so two clients behind one address share a permit. */
    private final Map<Permit, List<Lease>> shared = new HashMap<>();

    void add(Lease lease) {
        byId.put(lease.number(), lease);
        lease.holder().leases().add(lease);
        lease.ways().forEach(way -> add(lease, way.permit()));
    }

    /** A permit of a lease, which may be here already. */
    void add(Lease lease, Permit permit) {
        if (permit.isIpv4()) {
            shared.computeIfAbsent(permit, p -> new ArrayList<>()).add(lease);
        } else {
            byDoor.put(permit.door(), lease);
        }
    }

    void remove(Lease lease) {
        byId.remove(lease.number());
        lease.holder().leases().remove(lease);
        for (Lease.Way way : lease.ways()) {
            Permit permit = way.permit();
            byDoor.remove(permit.door());
            shared.computeIfPresent(permit, (p, leases) -> {
                leases.remove(lease);
                return leases.isEmpty() ? null : leases;
            });
        }
    }

    int size() {
        return byId.size();
    }

    Collection<Lease> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    @Nullable
    Lease find(int number) {
        return byId.get(number);
    }

    /** The lease with that {@link Lease#id}; null if none has. */
    @Nullable
    Lease find(String id) {
        try {
            Lease lease = find(HexFormat.fromHexDigits(id));
            return lease != null && lease.id().equals(id) ? lease : null;
        } catch (IllegalArgumentException e) {
            return null; // a word that is no id
        }
    }

    /** The lease that has the door; null if none has. */
    @Nullable
    Lease at(Ip6Address door) {
        return byDoor.get(door);
    }

    /** Whether a door is in that prefix, and in none of the guard's. */
    boolean hasDoorIn(DoorPrefix prefix, Guard guard) {
        return byDoor.keySet().stream().anyMatch(door -> prefix.contains(door) && guard.of(door) == null);
    }

    /** The leases that have that very permit on IPv4. */
    List<Lease> sharing(Permit permit) {
        return shared.getOrDefault(permit, List.of());
    }

    /** Whether a lease has the permit, or its door. */
    boolean isTaken(Permit permit) {
        return permit.isIpv4() ? shared.containsKey(permit) : byDoor.containsKey(permit.door());
    }

    /**
     * How long others who share the permit are let in: their sessions cannot be told from those of the lease, so they
     * are left. Null if nobody shares it.
     */
    @Nullable
    Duration othersLeft(Lease lease, long now) {
        Duration left = null;
        for (Lease other : sharing(lease.permit())) {
            if (other != lease) {
                Duration more = other.openFor(now);
                left = left == null ? more : longer(left, more);
            }
        }
        return left;
    }

    /**
     * The leases that let that source in there: one at most, but on IPv4.
     *
     * @param door {@link Ip6Address#UNSPECIFIED} on IPv4
     */
    List<Lease> lettingIn(Ip6Address source, Ip6Address door, Protocol protocol, int port) {
        if (source.isIpv4()) {
            return door.isUnspecified() ? sharing(new Permit(source, 128, door, protocol, port)) : List.of();
        }
        Lease lease = at(door);
        return lease != null
                        && lease.permits().stream()
                                .anyMatch(p -> p.door().equals(door)
                                        && p.protocol() == protocol
                                        && p.port() == port
                                        && source.masked(p.sourceLength()).equals(p.source()))
                ? List.of(lease)
                : List.of();
    }

    /** Who is let in through a door of a lease; nobody if no lease has it. */
    List<Permit> permitsTo(Ip6Address door) {
        Lease lease = at(door);
        return lease == null ? List.of() : lease.permits();
    }

    /**
     * Who is let in, each once, and for how much longer when it is taken from the stream. Good for as long as nothing else
     * is done to the table.
     */
    Stream<Map.Entry<Permit, Duration>> permits(Clock clock) {
        Stream<Map.Entry<Permit, Duration>> alone = byId.values().stream().mapMulti((lease, each) -> {
            for (Lease.Way way : lease.ways()) {
                if (!way.permit().isIpv4()) {
                    each.accept(Map.entry(way.permit(), lease.openFor(clock.monotonicNanos())));
                }
            }
        });
        Stream<Map.Entry<Permit, Duration>> together = shared.entrySet().stream()
                .map(e -> Map.entry(
                        e.getKey(),
                        e.getValue().stream()
                                .map(lease -> lease.openFor(clock.monotonicNanos()))
                                .max(Comparator.naturalOrder())
                                .orElse(Duration.ZERO)));
        return Stream.concat(alone, together).filter(e -> e.getValue().toMillis() > 0);
    }

    static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    /**
     * The doors that are addresses in the kernel, and for how much longer.
     *
     * @param held how long an address is held at a time for a session
     */
    Map<Ip6Address, Duration> doors(Guard guard, Duration held, long now) {
        Map<Ip6Address, Duration> doors = new HashMap<>();
        if (guard.doors().stream().noneMatch(p -> p.mode() == DoorMode.ADDRESS)) {
            return doors;
        }
        byDoor.forEach((door, lease) -> {
            if (guard.needsAddress(door)) {
                boolean session = lease.state() == Lease.State.SESSION;
                Duration window = Duration.ofNanos(Math.max(0, lease.windowEnd() - now));
                doors.put(door, session ? lease.held(held, now) : window.plus(KernelPort.ADDRESS_GRACE));
            }
        });
        return doors;
    }
}
