package org.mayfly.agent.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
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
    private final Neighbours neighbours;
    private final OnLinkDoors doors;
    private final Opener opener;
    private final Forwarding forwarding;
    private @Nullable Guard guard;

    /** What events are about; null while nobody listens. */
    private @Nullable OwnState own;

    private NetlinkKernel(
            String name,
            GuardTable table,
            DoorAddresses addresses,
            Sessions sessions,
            Neighbours neighbours,
            Forwarding forwarding) {
        this.name = name;
        this.table = table;
        this.addresses = addresses;
        this.sessions = sessions;
        this.neighbours = neighbours;
        this.forwarding = forwarding;
        this.doors = new OnLinkDoors(addresses, table, neighbours);
        this.opener = new Opener(table, doors);
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
                        new Sessions(SocketDiag.open()),
                        Neighbours.open(route),
                        new Forwarding(route));
            } catch (IOException e) {
                route.close();
                throw e;
            }
        } catch (IOException e) {
            nft.close();
            throw e;
        }
    }

    /**
     * The same sockets and the same table, for doors that nobody is to find: the guard that stands is left alone. What is
     * opened is there for its time.
     *
     * @param imagined the guard to go by, which is never put up
     */
    public KernelPort rehearsal(Guard imagined) {
        NetlinkKernel same = new NetlinkKernel(name, table, addresses, sessions, neighbours, forwarding);
        same.guard = imagined;
        return new Rehearsal(same);
    }

    @Override
    public boolean install(Guard next, Standing standing) throws KernelException {
        return asking("install the guard", () -> {
            // The route comes first: what it leads to is behind the guard that stands, or is as open as it was.
            List<Ip6Prefix> added = new ArrayList<>();
            try {
                for (Ip6Prefix prefix : next.routed()) {
                    if (addresses.addRoute(prefix)) {
                        added.add(prefix);
                    }
                }
                boolean complete = table.install(certain(next), standing, addresses.ours());
                if (!next.equals(guard)) {
                    neighbours.forget();
                }
                guard = next;
                return complete;
            } catch (IOException e) {
                for (Ip6Prefix prefix : added) {
                    addresses.deleteRoute(prefix);
                }
                throw e;
            }
        });
    }

    /** What may be somebody else's packet goes through connection tracking. */
    private Guard certain(Guard next) {
        return next.withKnocks(forwarding.certain(next.knocks()));
    }

    @Override
    public void align(Map<Ip6Address, Duration> wanted) throws KernelException {
        doing("put up the doors", () -> {
            Guard stands = installed();
            List<Ip6Prefix> routed = stands.routed();
            for (Ip6Prefix prefix : routed) {
                addresses.addRoute(prefix);
            }
            addresses.deleteRoutesBut(routed);
            try {
                doors.align(stands, wanted);
            } finally {
                if (own != null) {
                    own.guard(stands, addresses);
                }
            }
        });
    }

    /**
     * Closes the gated ports for an agent that cannot start, whatever stands: nobody is let in from now on. What is up of
     * doors stays for the sessions on it, as long as it would have, and is silent.
     *
     * @param guard with the ports that are to be closed
     * @param reserved the range of a door prefix that is left alone
     */
    public void shut(Guard guard, Ip6Prefix reserved) throws KernelException {
        doing("shut the gated ports", () -> {
            List<Ip6Prefix> translated = guard.withDoors(List.of()).routed();
            List<DoorPrefix> silent = addresses.prefixes().stream()
                    .filter(p -> !translated.contains(p))
                    .map(p -> new DoorPrefix(DoorMode.ANYIP, space(p, reserved), ""))
                    .toList();
            table.install(certain(guard.withDoors(silent)), Standing.NOTHING, addresses.ours());
        });
    }

    private static DoorSpace space(Ip6Prefix prefix, Ip6Prefix reserved) {
        try {
            return new DoorSpace(prefix, reserved);
        } catch (IllegalArgumentException e) { // too wide for it: another configuration put up the route
            return new DoorSpace(prefix, DoorSpace.DEFAULT_RESERVED);
        }
    }

    /**
     * Listens to what others do to what is ours, in the network namespace of the calling thread. Best before the first
     * {@link #install}, so that nothing is missed after it.
     *
     * @param isDoor whether a lease needs the address
     */
    public KernelWatch watch(Predicate<Ip6Address> isDoor, KernelWatch.Listener listener) throws IOException {
        OwnState state = new OwnState(name, DoorAddresses.protocol(name), isDoor, forwarding);
        if (guard != null) {
            state.guard(guard, addresses);
        }
        Events<RouteEvent> routes = RouteEvents.open(
                RouteEvents.RTNLGRP_LINK,
                RouteEvents.RTNLGRP_IPV6_IFADDR,
                RouteEvents.RTNLGRP_IPV6_ROUTE,
                RouteEvents.RTNLGRP_IPV4_NETCONF,
                RouteEvents.RTNLGRP_IPV6_NETCONF);
        try {
            Events<NftEvent> rules = table.isOwned() ? null : NftEvents.open();
            KernelWatch watch = new KernelWatch(routes, rules, table.portId(), state, neighbours, listener);
            own = state;
            return watch;
        } catch (IOException e) {
            routes.close();
            throw e;
        }
    }

    /** Whether an address is a door, of this agent or of another on the machine, and none that the host has for itself. */
    public static boolean isDoor(Address address) {
        return DoorAddresses.isDoor(address);
    }

    @Override
    public boolean stands() {
        try {
            return table.stands() && (guard == null || forwarding.isAsBefore());
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean isOwned() {
        return table.isOwned();
    }

    @Override
    public void uninstall() throws KernelException {
        doing("take down the guard", () -> {
            for (Address a : addresses.ours()) {
                addresses.delete(a);
            }
            addresses.deleteRoutesBut(List.of());
            table.uninstall();
            guard = null;
        });
    }

    @Override
    public List<Opened> open(List<Opening> permits) throws KernelException {
        return asking(Opener.WHAT, () -> opener.open(installed(), permits));
    }

    @Override
    public boolean isReady(Ip6Address door) throws KernelException {
        return asking("see whether a door is up", () -> addresses.isLocal(door));
    }

    @Override
    public void announce(Permit permit) throws KernelException {
        if (installed().needsAddress(permit.door())) {
            doing("tell neighbours of a door", () -> doors.announce(installed(), permit));
        }
    }

    @Override
    public void hold(Ip6Address door, Duration life) throws KernelException {
        if (!installed().needsAddress(door)) {
            return;
        }
        doing("hold a door", () -> doors.hold(installed(), door, life));
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
            doing("remove a door", () -> doors.remove(installed(), door));
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
    public int cutOthers(Function<Ip6Address, List<Permit>> known) throws KernelException {
        Guard stands = installed();
        return asking("look for sessions", () -> {
            Set<Ip6Address> others = Set.copyOf(literals(addresses.others()));
            return sessions.destroyOthers(
                    stands.gated(),
                    a -> {
                        DoorPrefix p = stands.of(a);
                        return p != null && p.space().usable(a) && !others.contains(a);
                    },
                    known);
        });
    }

    @Override
    public int cutWithin(Ip6Prefix prefix) throws KernelException {
        return asking("look for sessions", () -> sessions.destroyWithin(prefix));
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
    public String carrier(Ip6Address door) throws KernelException {
        return asking("read the addresses", () -> addresses.nameOf(door));
    }

    @Override
    public List<Ip6Prefix> prefixes() throws KernelException {
        return asking("read the routes", addresses::prefixes);
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
        neighbours.close();
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

    static KernelException failed(String what, IOException e) {
        boolean forbidden = e instanceof NetlinkException n && n.errno() == Errno.EPERM;
        String hint = forbidden ? "; run as root, or give the agent CAP_NET_ADMIN" : "";
        return new KernelException("cannot " + what + ": " + e.getMessage() + hint, e);
    }
}
