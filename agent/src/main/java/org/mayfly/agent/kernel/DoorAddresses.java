package org.mayfly.agent.kernel;

import java.io.IOException;
import java.net.Inet6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.Route;
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
    private String name = "";
    private int index;

    DoorAddresses(RouteNetlink route, int protocol) {
        this.route = route;
        this.protocol = protocol;
    }

    /** The number of the agent with that table, so that several on one machine leave each other's doors alone. */
    static int protocol(String table) {
        return table.equals(TABLE) ? PROTOCOL : FIRST_OTHER + Math.floorMod(table.hashCode(), OTHERS);
    }

    /** The number of an interface; 0 if it does not exist. */
    int index(String interfaceName) throws IOException {
        return route.link(interfaceName).map(Link::index).orElse(0);
    }

    /** The interface that carries doors from now on. */
    void use(String interfaceName, int interfaceIndex) {
        name = interfaceName;
        index = interfaceIndex;
    }

    /** Puts a door up, or gives one that is up another deadline. */
    void put(Ip6Address door, long validSeconds) throws IOException {
        try {
            route.replace(address(door, validSeconds));
        } catch (NetlinkException e) {
            int now = e.errno() == Errno.ENODEV ? index(name) : 0; // the interface was made anew
            if (now == 0) {
                throw e;
            }
            index = now;
            route.replace(address(door, validSeconds));
        }
    }

    /** Takes a door down, on whatever interface it is. */
    void remove(Ip6Address door) throws IOException {
        try {
            route.delete(address(door, 0));
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

    private Address address(Ip6Address door, long validSeconds) {
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

    /** Takes away the routes that are ours, other than that one. */
    void deleteRoutesBut(@Nullable Ip6Prefix kept) throws IOException {
        for (Route r : route.routes()) {
            boolean ours = r.protocol() == protocol && r.table() == Route.RT_TABLE_LOCAL && r.type() == Route.RTN_LOCAL;
            if (ours && (kept == null || !sameDestination(r, route(kept)))) {
                route.delete(r);
            }
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
