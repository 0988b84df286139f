package org.mayfly.agent.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Permit;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.route.Address;

/** The doors that are addresses: put up, held, told to neighbours, put back where others took them away. */
final class OnLinkDoors {
    /** Seconds that do not matter. */
    private static final long SLACK = 2;

    private final DoorAddresses addresses;
    private final GuardTable table;
    private final Neighbours neighbours;

    OnLinkDoors(DoorAddresses addresses, GuardTable table, Neighbours neighbours) {
        this.addresses = addresses;
        this.table = table;
        this.neighbours = neighbours;
    }

    /** {@code valid_lft} counts seconds. */
    static Duration wholeSeconds(Duration d) {
        return Duration.ofSeconds(d.plusSeconds(1).minusNanos(1).toSeconds());
    }

    /** Puts a door up on the interface that carries its prefix, or gives it another deadline. */
    void put(Guard guard, Ip6Address door, Duration life) throws IOException {
        addresses.put(door, carrierOf(guard, door), wholeSeconds(life).toSeconds());
    }

    /** The same for one that is silent to everybody but its session. */
    void hold(Guard guard, Ip6Address door, Duration life) throws IOException {
        table.holdDoor(door, wholeSeconds(life));
        put(guard, door, life);
    }

    void remove(Guard guard, Ip6Address door) throws IOException {
        DoorPrefix p = guard.of(door);
        addresses.remove(door, p == null ? null : p.interfaceName());
        table.removeDoor(door);
    }

    /** @throws IOException one line that says what it costs that somebody could not be told */
    void announce(Guard guard, Permit permit) throws IOException {
        if (!neighbours.isPossible()) {
            throw new IOException(neighbours.why());
        }
        Ip6Address client = permit.sourceLength() == 128 ? permit.source() : Ip6Address.UNSPECIFIED;
        int index = addresses.carrier(carrierOf(guard, permit.door()));
        neighbours.announce(permit.door(), index, client);
    }

    /**
     * Takes down the doors of nobody, and puts up those that leases need and somebody took away, or that are on an interface
     * that does not carry them any more.
     *
     * @throws IOException if one could not be put up; all the others were
     */
    void align(Guard guard, Map<Ip6Address, Duration> wanted) throws IOException {
        for (int index : addresses.use(guard)) {
            neighbours.learn(index);
        }
        Map<Ip6Address, Duration> missing = new LinkedHashMap<>(wanted);
        for (Address a : addresses.ours()) {
            Ip6Address door = Ip6Address.of(a.address());
            Duration life = wanted.get(door);
            if (life == null) {
                addresses.delete(a);
                table.removeDoor(door);
            } else if (isElsewhere(guard, a, door)) {
                addresses.delete(a);
            } else if (isRight(a.validSeconds(), wholeSeconds(life).toSeconds())) {
                missing.remove(door);
            }
        }
        IOException failure = null;
        for (Map.Entry<Ip6Address, Duration> m : missing.entrySet()) {
            try {
                put(guard, m.getKey(), m.getValue());
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Not less than is needed; and not much more, as of a window that a restart has cut short. */
    private static boolean isRight(long seconds, long needed) {
        return seconds >= needed && seconds <= needed + SLACK;
    }

    private boolean isElsewhere(Guard guard, Address a, Ip6Address door) throws IOException {
        DoorPrefix p = guard.of(door);
        return p != null && a.index() != addresses.carrier(p.interfaceName());
    }

    private static String carrierOf(Guard guard, Ip6Address door) throws IOException {
        DoorPrefix p = guard.of(door);
        if (p == null) {
            throw new IOException("the door lies in no prefix of ours");
        }
        return p.interfaceName();
    }
}
