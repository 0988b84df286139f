package org.mayfly.agent.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.diag.SocketDiag;
import org.mayfly.netlink.nft.NfTables;
import org.mayfly.netlink.nft.NftEvent;
import org.mayfly.netlink.nft.NftEvents;
import org.mayfly.netlink.nft.Table;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteEvent;
import org.mayfly.netlink.route.RouteEvents;
import org.mayfly.netlink.route.RouteNetlink;

/** The real kernel, by netlink. */
public final class NetlinkKernel implements KernelPort {
    /** A table that only had an owner would go with the agent, and leave the ports open. */
    private static final int OWNED = Table.OWNER | Table.PERSIST;

    private final String name;
    private final GuardTable table;
    private final DoorAddresses addresses;
    private final Sessions sessions;
    private @Nullable Guard guard;

    /** What events are about; null while nobody listens. */
    private @Nullable OwnState own;

    private NetlinkKernel(String name, GuardTable table, DoorAddresses addresses, Sessions sessions) {
        this.name = name;
        this.table = table;
        this.addresses = addresses;
        this.sessions = sessions;
    }

    /**
     * Connects in the network namespace of the calling thread. Changes nothing.
     *
     * @param table name of the nftables table, {@code mayfly} where there is one agent
     * @param own whether nobody else may change the table, where the kernel can see to that: it stays when the agent ends,
     *     and the next one takes it over
     */
    public static NetlinkKernel open(String table, boolean own) throws IOException {
        NfTables nft = NfTables.open();
        try {
            boolean owned = own && nft.supportsTableFlags(OWNED);
            RouteNetlink route = RouteNetlink.open();
            try {
                return new NetlinkKernel(
                        table,
                        new GuardTable(nft, new GuardRuleset(table, owned ? OWNED : 0)),
                        new DoorAddresses(route, DoorAddresses.protocol(table)),
                        new Sessions(SocketDiag.open()));
            } catch (IOException e) {
                route.close();
                throw e;
            }
        } catch (IOException e) {
            nft.close();
            throw e;
        }
    }

    @Override
    public void install(Guard next, Standing standing) throws KernelException {
        doing("install the guard", () -> replace(next, standing));
    }

    private void replace(Guard next, Standing standing) throws IOException {
        DoorSpace doors = next.doors();
        Ip6Prefix routed = next.mode() == DoorMode.ANYIP && doors != null ? doors.prefix() : null;
        int index = addresses.index(next.doorInterface());
        if (next.mode() == DoorMode.ADDRESS && doors != null && index == 0) {
            throw new IOException("there is no interface " + next.doorInterface());
        }
        // The route comes first: what it leads to is behind the guard that stands, or is as open as it was.
        boolean added = routed != null && addresses.addRoute(routed);
        List<Address> up = addresses.ours();
        try {
            table.install(next, standing, up);
        } catch (IOException e) {
            if (added && routed != null) {
                addresses.deleteRoute(routed);
            }
            throw e;
        }
        guard = next;
        addresses.use(next.doorInterface(), index);
        if (own != null) {
            own.guard(next, index);
        }
        addresses.deleteRoutesBut(routed);
        align(up, standing.doors());
    }

    /**
     * Listens to what others do to what is ours, in the network namespace of the calling thread. Best before the first
     * {@link #install}, so that nothing is missed after it.
     *
     * @param isDoor whether a lease needs the address
     */
    public KernelWatch watch(Predicate<Ip6Address> isDoor, KernelWatch.Listener listener) throws IOException {
        OwnState state = new OwnState(name, DoorAddresses.protocol(name), isDoor);
        if (guard != null) {
            state.guard(guard, addresses.index(guard.doorInterface()));
        }
        Events<RouteEvent> routes = RouteEvents.open(
                RouteEvents.RTNLGRP_LINK, RouteEvents.RTNLGRP_IPV6_IFADDR, RouteEvents.RTNLGRP_IPV6_ROUTE);
        try {
            Events<NftEvent> rules = table.isOwned() ? null : NftEvents.open();
            KernelWatch watch = new KernelWatch(routes, rules, table.portId(), state, listener);
            own = state;
            return watch;
        } catch (IOException e) {
            routes.close();
            throw e;
        }
    }

    @Override
    public void restore(Standing standing) throws KernelException {
        doing("put back what is ours", () -> {
            Guard stands = installed();
            List<Address> up = addresses.ours();
            table.install(stands, standing, up);
            DoorSpace doors = stands.doors();
            if (stands.mode() == DoorMode.ANYIP && doors != null) {
                addresses.addRoute(doors.prefix());
            }
            align(up, standing.doors());
        });
    }

    /** Takes down the doors of nobody, and puts up those that leases need and somebody took away. */
    private void align(List<Address> up, Map<Ip6Address, Duration> wanted) throws IOException {
        Map<Ip6Address, Duration> missing = new LinkedHashMap<>();
        if (installed().mode() == DoorMode.ADDRESS) {
            wanted.forEach((door, life) -> missing.put(door, wholeSeconds(life)));
        }
        for (Address a : up) {
            Ip6Address door = Ip6Address.of(a.address());
            Duration life = missing.get(door);
            if (!wanted.containsKey(door)) {
                addresses.delete(a);
                table.removeDoor(door);
            } else if (life != null && a.validSeconds() >= life.toSeconds()) {
                missing.remove(door);
            }
        }
        for (Map.Entry<Ip6Address, Duration> m : missing.entrySet()) {
            addresses.put(m.getKey(), m.getValue().toSeconds());
        }
    }

    @Override
    public boolean stands() {
        try {
            return !table.rules().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void uninstall() throws KernelException {
        doing("take down the guard", () -> {
            for (Address a : addresses.ours()) {
                addresses.delete(a);
            }
            addresses.deleteRoutesBut(null);
            table.uninstall();
            guard = null;
        });
    }

    @Override
    public void open(Permit permit, Duration window) throws KernelException {
        boolean needsAddress = !permit.isIpv4() && installed().mode() == DoorMode.ADDRESS;
        doing("open a door", () -> {
            GuardTable.State before = table.state(permit);
            Duration address = needsAddress ? wholeSeconds(window.plus(ADDRESS_GRACE)) : Duration.ZERO;
            table.open(permit, window, address);
            if (needsAddress) {
                try {
                    addresses.put(permit.door(), address.toSeconds());
                } catch (IOException e) {
                    table.restore(permit, before);
                    throw e;
                }
            }
        });
    }

    @Override
    public void hold(Ip6Address door, Duration life) throws KernelException {
        if (installed().mode() != DoorMode.ADDRESS) {
            return;
        }
        doing("hold a door", () -> {
            Duration address = wholeSeconds(life);
            table.holdDoor(door, address);
            addresses.put(door, address.toSeconds());
        });
    }

    @Override
    public void close(Permit permit) throws KernelException {
        doing("close a permit", () -> {
            table.close(permit);
        });
    }

    @Override
    public void remove(Ip6Address door) throws KernelException {
        if (table.mayHaveDoor(door)) {
            doing("remove a door", () -> {
                addresses.remove(door);
                table.removeDoor(door);
            });
        }
    }

    @Override
    public int cut(Permit permit, Duration remembered) throws KernelException {
        return asking("cut off a client", () -> {
            table.revoke(permit, remembered); // first, or a client that is quick comes back in between
            return sessions.destroy(permit);
        });
    }

    @Override
    public Map<Permit, Integer> sessions(Collection<Permit> permits) throws KernelException {
        return asking("look for sessions", () -> sessions.count(permits));
    }

    @Override
    public Map<Permit, Duration> permits() throws KernelException {
        return asking("read the permits", table::permits);
    }

    @Override
    public List<Ip6Address> addresses() throws KernelException {
        return asking("read the addresses", () -> literals(addresses.ours()));
    }

    @Override
    public List<Ip6Address> ownAddresses() throws KernelException {
        return asking("read the addresses", () -> literals(addresses.others()));
    }

    @Override
    public List<RuleCount> rules() throws KernelException {
        return asking("read the rules", table::rules);
    }

    @Override
    public void close() {
        table.close();
        addresses.close();
        sessions.close();
    }

    private static List<Ip6Address> literals(List<Address> addresses) {
        return addresses.stream().map(a -> Ip6Address.of(a.address())).toList();
    }

    private Guard installed() {
        if (guard == null) {
            throw new IllegalStateException("no guard was installed");
        }
        return guard;
    }

    /** {@code valid_lft} counts seconds. */
    private static Duration wholeSeconds(Duration d) {
        return Duration.ofSeconds(d.plusSeconds(1).minusNanos(1).toSeconds());
    }

    @FunctionalInterface
    private interface Deed {
        void run() throws IOException;
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws IOException;
    }

    private static void doing(String what, Deed deed) throws KernelException {
        try {
            deed.run();
        } catch (IOException e) {
            throw failed(what, e);
        }
    }

    private static <T> T asking(String what, Question<T> question) throws KernelException {
        try {
            return question.ask();
        } catch (IOException e) {
            throw failed(what, e);
        }
    }

    private static KernelException failed(String what, IOException e) {
        boolean forbidden = e instanceof NetlinkException n && n.errno() == Errno.EPERM;
        String hint = forbidden ? "; run as root, or give the agent CAP_NET_ADMIN" : "";
        return new KernelException("cannot " + what + ": " + e.getMessage() + hint, e);
    }
}
