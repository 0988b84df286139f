package org.mayfly.agent.core;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * What stands in the kernel while the agent lives, whether or not there is a lease.
 *
 * @param doors where doors are: the first prefix is the one that new ones are taken from, the others still have some of
 *     before. Empty where no prefix is known yet, and then only IPv4 permits can be opened
 * @param gated the ports that are closed
 * @param knocks where knocks are heard: connection tracking is to know nothing of them
 * @param nat64 what IPv4 is behind; null for nothing
 */
public record Guard(
        List<DoorPrefix> doors,
        List<GatedPort> gated,
        List<KnockPort> knocks,
        @Nullable Nat64 nat64) {
    public Guard {
        doors = List.copyOf(doors);
        gated = List.copyOf(gated);
        knocks = List.copyOf(knocks);
    }

    /** Of an agent that translates nothing. */
    public Guard(List<DoorPrefix> doors, List<GatedPort> gated, List<KnockPort> knocks) {
        this(doors, gated, knocks, null);
    }

    /** Of one that hears no knocks by UDP either. */
    public Guard(List<DoorPrefix> doors, List<GatedPort> gated) {
        this(doors, gated, List.of());
    }

    /** Where new doors are taken from; null if nowhere. */
    public @Nullable DoorPrefix current() {
        return doors.isEmpty() ? null : doors.get(0);
    }

    /** The prefix that a door lies in; null if in none. */
    public @Nullable DoorPrefix of(Ip6Address door) {
        for (DoorPrefix p : doors) {
            if (p.contains(door)) {
                return p;
            }
        }
        return null;
    }

    /** Whether the door is an address of its own in the kernel. */
    public boolean needsAddress(Ip6Address door) {
        DoorPrefix p = of(door);
        return p != null && p.mode() == DoorMode.ADDRESS;
    }

    /** The same, but for what connection tracking is to know nothing of. */
    public Guard withKnocks(List<KnockPort> untracked) {
        return new Guard(doors, gated, untracked, nat64);
    }

    /** The same with doors elsewhere. */
    public Guard withDoors(List<DoorPrefix> others) {
        return new Guard(others, gated, knocks, nat64);
    }

    /** The same with other ports closed. */
    public Guard withGated(List<GatedPort> others) {
        return new Guard(doors, others, knocks, nat64);
    }

    /** The prefixes that are this host's as a whole, each by a route. */
    public List<Ip6Prefix> routed() {
        Stream<Ip6Prefix> anyip = doors.stream()
                .filter(p -> p.mode() == DoorMode.ANYIP)
                .map(p -> p.space().prefix());
        return Stream.concat(anyip, Stream.ofNullable(nat64).map(Nat64::prefix)).toList();
    }

    /** The same with prefixes of before. */
    Guard with(List<DoorPrefix> retired) {
        List<DoorPrefix> all = new ArrayList<>(doors);
        all.addAll(retired);
        return withDoors(all);
    }
}
