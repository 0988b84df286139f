package org.mayfly.agent.kernel;

import java.io.IOException;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteLookup;
import org.mayfly.netlink.route.RouteNetlink;

/** What rtnetlink has for the doors: an address each, or one route for all. Known as ours by the number they carry. */
final class DoorAddresses implements AutoCloseable {
    /** {@code IFA_PROTO} and {@code RTPROT_*} of what we put up. Nobody else in {@code rt_protos} has it. */
    private static final int PROTOCOL = 77;

    private static final String TABLE = "mayfly";

    /** Where the numbers of other agents on the machine lie: above what {@code rt_protos} names. */
    private static final int FIRST_OTHER = 200;

    private static final int OTHERS = 50;

    /** The interface a {@code local} route names; the same in every namespace. */
    private static final int LOOPBACK_IFINDEX = 1;

    /**
     * No duplicate address detection: it takes two seconds. No route for the prefix: there is none but the door. And
     * deprecated from the start, so that the host's own traffic never comes from it.
     */
    private static final int FLAGS = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;

    private static final int PREFERRED = 0;

    private final RouteNetlink route;
    private final int protocol;

    /** Of the interfaces that carry doors, by the name that the configuration has for them; one may be renamed meanwhile. */
    private final Map<String, Integer> indices = new HashMap<>();

    DoorAddresses(RouteNetlink route, int protocol) {
        this.route = route;
        this.protocol = protocol;
    }

    /** The number of the agent with that table, so that several on one machine leave each other's doors alone. */
    static int protocol(String table) {
        return table.equals(TABLE) ? PROTOCOL : FIRST_OTHER + Math.floorMod(table.hashCode(), OTHERS);
    }

    /** Whether some agent on the machine put it up as a door, this one or another, now or before. */
    static boolean isDoor(Address a) {
        boolean agents = a.protocol() == PROTOCOL || a.protocol() >= FIRST_OTHER && a.protocol() < FIRST_OTHER + OTHERS;
        return agents && a.prefixLength() == 128 && (a.flags() & Address.IFA_F_DEPRECATED) != 0;
    }

    /** The number of an interface; 0 if it does not exist. */
    int index(String interfaceName) throws IOException {
        return route.link(interfaceName).map(Link::index).orElse(0);
    }

    /**
     * The interfaces that carry doors from now on. One that was renamed carries them on; one that is gone is looked for by
     * its name.
     *
     * @return their numbers
     */
    Set<Integer> use(Guard guard) throws IOException {
        Set<Integer> there = route.links().stream().map(Link::index).collect(Collectors.toSet());
        indices.values().removeIf(index -> !there.contains(index));
        Set<Integer> carriers = new HashSet<>();
        for (DoorPrefix p : guard.doors()) {
            if (p.mode() == DoorMode.ADDRESS) {
                carriers.add(carrier(p.interfaceName()));
            }
        }
        return carriers;
    }

    /** The number of an interface that carries doors; 0 if it does not exist. */
    int carrier(String interfaceName) throws IOException {
        int known = indices.getOrDefault(interfaceName, 0);
        if (known == 0) {
            known = index(interfaceName);
            if (known != 0) {
                indices.put(interfaceName, known);
            }
        }
        return known;
    }

    /** Puts a door up, or gives one that is up another deadline. */
    void put(Ip6Address door, String interfaceName, long validSeconds) throws IOException {
        int known = carrier(interfaceName);
        if (known == 0) {
            throw new IOException("there is no interface " + interfaceName);
        }
        try {
            route.replace(address(door, known, validSeconds));
        } catch (NetlinkException e) {
            int now = e.errno() == Errno.ENODEV ? index(interfaceName) : 0; // the interface was made anew
            if (now == 0) {
                throw e;
            }
            indices.put(interfaceName, now);
            route.replace(address(door, now, validSeconds));
        }
    }

    /** Takes a door down, on whatever interface it is. */
    void remove(Ip6Address door, @Nullable String interfaceName) throws IOException {
        try {
            route.delete(address(door, interfaceName == null ? 0 : carrier(interfaceName), 0));
        } catch (NetlinkException e) {
            if (e.errno() != Errno.EADDRNOTAVAIL && e.errno() != Errno.ENODEV) {
                throw e;
            }
            for (Address a : ours()) { // not on the interface that carries doors now
                if (Ip6Address.of(a.address()).equals(door)) {
                    delete(a);
                }
            }
        }
    }

    private Address address(Ip6Address door, int index, long validSeconds) {
        return new Address(
                door.toInetAddress(), 128, FLAGS, Address.SCOPE_UNIVERSE, index, PREFERRED, validSeconds, protocol);
    }

    void delete(Address address) throws IOException {
        try {
            route.delete(address);
        } catch (NetlinkException e) {
            if (e.errno() != Errno.EADDRNOTAVAIL) { // it has expired meanwhile
                throw e;
            }
        }
    }

    List<Address> ours() throws IOException {
        return route.addresses().stream()
                .filter(a -> a.protocol() == protocol && a.address() instanceof Inet6Address)
                .toList();
    }

    /** The interface that a door is on; empty for none. */
    String nameOf(Ip6Address door) throws IOException {
        for (Address a : ours()) {
            if (Ip6Address.of(a.address()).equals(door)) {
                return route.link(a.index()).map(Link::name).orElse("");
            }
        }
        return "";
    }

    /** IPv6 addresses that somebody else put up. */
    List<Address> others() throws IOException {
        return route.addresses().stream()
                .filter(a -> a.protocol() != protocol && a.address() instanceof Inet6Address)
                .toList();
    }

    /**
     * Makes every address of the prefix one of this host.
     *
     * @return whether it was not so before
     */
    boolean addRoute(Ip6Prefix prefix) throws IOException {
        Route wanted = route(prefix);
        boolean there = route.routes().stream().anyMatch(r -> sameDestination(r, wanted));
        if (!there) {
            route.replace(wanted);
        }
        return !there;
    }

    void deleteRoute(Ip6Prefix prefix) throws IOException {
        route.delete(route(prefix));
    }

    /** Takes away the routes that are ours, other than those. */
    void deleteRoutesBut(Collection<Ip6Prefix> kept) throws IOException {
        for (Route r : ourRoutes()) {
            if (kept.stream().noneMatch(p -> sameDestination(r, route(p)))) {
                route.delete(r);
            }
        }
    }

    /** The prefixes that are this host's as a whole, by a route of ours. */
    List<Ip6Prefix> prefixes() throws IOException {
        List<Ip6Prefix> prefixes = new ArrayList<>();
        for (Route r : ourRoutes()) {
            if (r.destination() != null) {
                prefixes.add(new Ip6Prefix(Ip6Address.of(r.destination()), r.length()));
            }
        }
        return prefixes;
    }

    private List<Route> ourRoutes() throws IOException {
        return route.routes().stream()
                .filter(r -> r.protocol() == protocol)
                .filter(r -> r.table() == Route.RT_TABLE_LOCAL && r.type() == Route.RTN_LOCAL)
                .toList();
    }

    /** Whether packets to that address arrive here. */
    boolean isLocal(Ip6Address address) throws IOException {
        try {
            return route.lookup(RouteLookup.to(address.toInetAddress())).type() == Route.RTN_LOCAL;
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENETUNREACH || e.errno() == Errno.EHOSTUNREACH) {
                return false;
            }
            throw e;
        }
    }

    private static boolean sameDestination(Route a, Route b) {
        return a.table() == b.table()
                && a.type() == b.type()
                && a.length() == b.length()
                && a.destination() != null
                && a.destination().equals(b.destination());
    }

    private Route route(Ip6Prefix prefix) {
        return new Route(
                prefix.address().toInetAddress(),
                prefix.length(),
                Route.RTN_LOCAL,
                Route.RT_TABLE_LOCAL,
                protocol,
                LOOPBACK_IFINDEX,
                null,
                0);
    }

    @Override
    public void close() {
        route.close();
    }
}
