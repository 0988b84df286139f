package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockKey;

/**
 * The guard, and the prefixes that it keeps doors in: the one that new doors are taken from, and those of before for as
 * long as a lease has a door there.
 */
final class Doors {
    /** How often it is seen whether a prefix of before is needed still. */
    private static final long LOOK = Duration.ofSeconds(10).toNanos();

    private final KernelPort kernel;
    private final Leases leases;
    private final Clock clock;
    private final Repairs repairs;
    private Set<Ip6Address> own = Set.of();
    private Guard guard = new Guard(List.of(), List.of());
    private long due = Long.MAX_VALUE;

    Doors(KernelPort kernel, Leases leases, Repairs repairs, Clock clock) {
        this.kernel = kernel;
        this.leases = leases;
        this.repairs = repairs;
        this.clock = clock;
    }

    /** The guard that stands. */
    Guard guard() {
        return guard;
    }

    /**
     * Puts up another guard. Doors of leases that are not in a prefix of it are kept; leases whose window is open get a door
     * in its prefix as well.
     *
     * @throws KernelException if it could not be put up; nothing has changed then
     */
    void install(Guard next) throws KernelException {
        long now = clock.monotonicNanos();
        Set<Ip6Address> addresses = Set.copyOf(kernel.ownAddresses());
        Guard whole = next.with(stillNeeded(next));
        boolean complete = kernel.install(whole, leases.standing(whole, clock));
        leases.windows().installed(now);
        boolean others = !Objects.equals(guard.current(), whole.current());
        if (others || !guard.gated().equals(whole.gated())) {
            leases.orphans().strays(now); // what was not ours for a while may have sessions that we know nothing of
        }
        Nat64 translated = guard.nat64();
        if (translated != null && !translated.equals(whole.nat64())) {
            leases.orphans().givenUp(translated.prefix(), now);
        }
        boolean moves = others && !guard.doors().isEmpty();
        guard = whole;
        own = addresses;
        due = guard.doors().size() > 1 ? now + LOOK : Long.MAX_VALUE;
        repairs.atOnce(complete ? Disturbance.ADDRESS : Disturbance.TABLE, this::restore);
        if (moves) {
            leases.follow(this::moved);
        }
    }

    private List<DoorPrefix> stillNeeded(Guard next) {
        List<DoorPrefix> needed = new ArrayList<>();
        for (DoorPrefix p : guard.doors()) {
            boolean replaced = next.doors().stream()
                    .anyMatch(n -> n.space().prefix().equals(p.space().prefix()));
            if (!replaced && leases.table().hasDoorIn(p, next.with(needed))) {
                needed.add(p);
            }
        }
        return needed;
    }

    /** The same host part in the prefix of new doors; null if that is the door, or none can be there. */
    private @Nullable Ip6Address moved(Ip6Address door) {
        DoorPrefix from = guard.of(door);
        DoorPrefix to = guard.current();
        if (from == null || to == null || from.equals(to)) {
            return null;
        }
        Ip6Prefix prefix = to.space().prefix();
        if (from.space().prefix().length() != prefix.length()) {
            return null; // what the client would look for cannot be told from here
        }
        Ip6Address same = prefix.with(door);
        return !own.contains(same) && to.space().usable(same) ? same : null;
    }

    private boolean isFree(Ip6Address door) {
        return leases.table().at(door) == null && !own.contains(door);
    }

    /** The first door that a knock may lead to and nobody has; null if there is none. */
    @Nullable
    Ip6Address free(KnockKey key, byte[] packet, int offset) {
        DoorPrefix current = guard.current();
        return current == null ? null : current.space().firstFree(key, packet, offset, this::isFree);
    }

    /**
     * Before the first guard: keeps the prefix of a door from before a restart, if new ones are not taken from it any more.
     *
     * @param next the guard there will be
     */
    void adopt(Ip6Address door, Guard next, List<Ip6Prefix> routed) {
        DoorPrefix current = next.current();
        if (door.isUnspecified() || current == null || next.of(door) != null || guard.of(door) != null) {
            return;
        }
        Ip6Prefix whole = routed.stream()
                .filter(p ->
                        p.contains(door) && p.length() >= DoorSpace.MIN_LENGTH && p.length() <= DoorSpace.MAX_LENGTH)
                .findFirst()
                .orElse(null);
        Ip6Prefix prefix =
                whole != null ? whole : unrouted(door, current.space().prefix().length());
        // Where nothing in the kernel says that the prefix is ours as a whole, an address of its own is enough for a
        // door.
        DoorMode mode = whole != null ? DoorMode.ANYIP : DoorMode.ADDRESS;
        List<DoorPrefix> others = guard.doors().stream()
                .filter(p -> !prefix.contains(p.space().prefix()))
                .toList();
        String on = carrier(door);
        guard = new Guard(others, List.of())
                .with(List.of(new DoorPrefix(
                        mode,
                        new DoorSpace(prefix, DoorSpace.DEFAULT_RESERVED),
                        on.isEmpty() ? current.interfaceName() : on)));
    }

    private String carrier(Ip6Address door) {
        try {
            return kernel.carrier(door);
        } catch (KernelException e) {
            return ""; // the interface of new doors is as good a guess as any
        }
    }

    /** As long as the prefix of today; but where two of those are near each other, that of before was a shorter one. */
    private Ip6Prefix unrouted(Ip6Address door, int length) {
        Ip6Prefix wide = Ip6Prefix.around(door, DoorSpace.MIN_LENGTH);
        boolean near =
                guard.doors().stream().anyMatch(p -> wide.contains(p.space().prefix()));
        return near ? wide : Ip6Prefix.around(door, length);
    }

    private void restore(Set<Disturbance> what) throws KernelException {
        long now = clock.monotonicNanos();
        boolean complete = true;
        boolean unseen = what.contains(Disturbance.OVERRUN) && !(kernel.isOwned() && kernel.stands());
        if (what.contains(Disturbance.TABLE) || what.contains(Disturbance.FORWARDING) || unseen) {
            complete = kernel.install(guard, leases.standing(guard, clock));
            leases.windows().installed(now);
        }
        kernel.align(leases.table().doors(guard, Leases.HOLD, clock.monotonicNanos()));
        own = Set.copyOf(kernel.ownAddresses());
        if (!complete) {
            throw new KernelException("some permits did not go in");
        }
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} for never. */
    long due() {
        return Math.min(due, repairs.due());
    }

    void tick(long now) {
        repairs.tick(now, this::restore);
        if (now < due) {
            return;
        }
        due = now + LOOK;
        Guard kept = guard.withDoors(guard.doors().subList(0, 1));
        Guard needed = kept.with(stillNeeded(kept));
        if (needed.doors().size() < guard.doors().size()) {
            guard = needed;
            due = guard.doors().size() > 1 ? due : Long.MAX_VALUE;
            repairs.needed(Disturbance.TABLE);
        }
    }
}
