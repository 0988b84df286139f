package org.mayfly.netlink.route;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** The verbs of rtnetlink: addresses, links, neighbours, routes, rules. One thread at a time. */
public final class RouteNetlink implements AutoCloseable {
    private final NetlinkConnection connection;
    private final AddressRequests addresses;
    private final RouteRequests routes;
    private final RuleRequests rules;
    private final LinkRequests links;
    private final NeighbourRequests neighbours;
    private final NetConfRequests settings;

    /** Takes the connection over. */
    public RouteNetlink(NetlinkConnection connection) {
        this.connection = connection;
        this.addresses = new AddressRequests(connection);
        this.routes = new RouteRequests(connection);
        this.rules = new RuleRequests(connection);
        this.links = new LinkRequests(connection);
        this.neighbours = new NeighbourRequests(connection);
        this.settings = new NetConfRequests(connection);
    }

    /** Opens a connection in the network namespace of the calling thread. */
    public static RouteNetlink open() throws IOException {
        return new RouteNetlink(NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, RouteVocabulary.INSTANCE));
    }

    /**
     * Fails with {@code EEXIST} if it is there. The kernel makes the local route of an IPv6 address a while after this:
     * what comes for the address until then is not for this host ({@link RouteEvents#RTNLGRP_IPV6_ROUTE} tells when).
     */
    public void add(Address address) throws IOException {
        addresses.add(address);
    }

    /** Puts it up, or gives the one that is there other flags and lifetimes. */
    public void replace(Address address) throws IOException {
        addresses.replace(address);
    }

    /**
     * Fails with {@code EADDRNOTAVAIL} if it is not there. With a primary address of IPv4 its secondary ones go too
     * (those of the same prefix), unless sysctl {@code promote_secondaries} says otherwise.
     */
    public void delete(Address address) throws IOException {
        addresses.delete(address);
    }

    /** All addresses of both families. */
    public List<Address> addresses() throws IOException {
        return addresses(AddressFilter.ALL);
    }

    /** The addresses that the filter lets pass; the kernel looks. Fails with {@code ENODEV} without the interface. */
    public List<Address> addresses(AddressFilter filter) throws IOException {
        return addresses.list(filter);
    }

    /**
     * The multicast groups that interfaces have joined. Kernels before 6.15 have no list for IPv4: {@code EOPNOTSUPP}.
     *
     * @param filter which must have a family
     */
    public List<Membership> multicast(AddressFilter filter) throws IOException {
        return addresses.multicast(filter);
    }

    /**
     * The anycast addresses that interfaces listen to. The kernel has none of IPv4: {@code EOPNOTSUPP}.
     *
     * @param filter which must have a family
     */
    public List<Membership> anycast(AddressFilter filter) throws IOException {
        return addresses.anycast(filter);
    }

    /** All interfaces. */
    public List<Link> links() throws IOException {
        return links(LinkFilter.ALL);
    }

    public List<Link> links(LinkFilter filter) throws IOException {
        return links.list(filter);
    }

    /** The interface of that name; the kernel looks for it. */
    public Optional<Link> link(String name) throws IOException {
        return links.get(name);
    }

    /** The interface of that number; the kernel looks for it. */
    public Optional<Link> link(int index) throws IOException {
        return links.get(index);
    }

    /**
     * Makes an interface, or a pair of them. Fails with {@code EEXIST} if there is one of that name, and with
     * {@code EOPNOTSUPP} if the kernel has no driver of that kind.
     *
     * @throws IllegalArgumentException if there is an {@link LinkSettings#alias alias}, which the kernel would ignore
     */
    public void add(LinkSettings link) throws IOException {
        links.add(link);
    }

    /** Changes what is said, and nothing else. Fails with {@code ENODEV} if it is not there. */
    public void set(Link link, LinkSettings settings) throws IOException {
        links.set(link.index(), settings);
    }

    public void up(Link link) throws IOException {
        links.set(link.index(), LinkSettings.NONE.up());
    }

    public void down(Link link) throws IOException {
        links.set(link.index(), LinkSettings.NONE.down());
    }

    /**
     * Fails with {@code ENODEV} if it is not there, and with {@code EOPNOTSUPP} if it is hardware or {@code lo}. Of a
     * pair the other end goes too.
     */
    public void delete(Link link) throws IOException {
        links.delete(link.index());
    }

    /** The neighbours of both families on all interfaces; no proxy entries. */
    public List<Neighbour> neighbours() throws IOException {
        return neighbours(NeighbourFilter.ALL);
    }

    public List<Neighbour> neighbours(NeighbourFilter filter) throws IOException {
        return neighbours.list(filter);
    }

    /** The entry of the same destination on the same interface; a proxy entry if {@code key} is one. */
    public Optional<Neighbour> neighbour(Neighbour key) throws IOException {
        return neighbours.get(key);
    }

    /** Fails with {@code EEXIST} if there is an entry of the same destination; a proxy entry is taken twice. */
    public void add(Neighbour neighbour) throws IOException {
        neighbours.add(neighbour);
    }

    /** Adds an entry, or changes the one of the same destination. */
    public void replace(Neighbour neighbour) throws IOException {
        neighbours.replace(neighbour);
    }

    /** Fails with {@code ENOENT} if it is not there. */
    public void delete(Neighbour neighbour) throws IOException {
        neighbours.delete(neighbour);
    }

    /** Fails with {@code EEXIST} if there is one to the same destination, in the same table, of the same metric. */
    public void add(Route route) throws IOException {
        routes.add(route);
    }

    /** Adds a route, or replaces the one to the same destination, in the same table, of the same metric. */
    public void replace(Route route) throws IOException {
        routes.replace(route);
    }

    /**
     * Adds a route behind those to the same destination, in the same table, of the same metric. IPv6 makes one route of
     * several ways of them.
     */
    public void append(Route route) throws IOException {
        routes.append(route);
    }

    /** Fails with {@code ESRCH} if it is not there. */
    public void delete(Route route) throws IOException {
        routes.delete(route);
    }

    /** All IPv6 routes of all tables. */
    public List<Route> routes() throws IOException {
        return routes(Route.AF_INET6);
    }

    /** All routes of a family, {@link Route#AF_INET} or {@link Route#AF_INET6}, of all tables. */
    public List<Route> routes(int family) throws IOException {
        return routes(RouteFilter.of(family));
    }

    /** The routes that the filter lets pass; the kernel looks. A table that is not there has none. */
    public List<Route> routes(RouteFilter filter) throws IOException {
        return routes.list(filter);
    }

    /**
     * Where a packet would go.
     *
     * @throws NetlinkException if nowhere: {@code ENETUNREACH}, {@code EHOSTUNREACH}; if it is not to go: {@code EACCES}
     *     (prohibit), {@code EINVAL} (blackhole)
     */
    public Route lookup(RouteLookup packet) throws IOException {
        return routes.lookup(packet);
    }

    /** Fails with {@code EEXIST} if there is one of the same priority that says the same. */
    public void add(Rule rule) throws IOException {
        rules.add(rule);
    }

    /** Deletes the first rule of its priority that says the same. Fails with {@code ENOENT} if there is none. */
    public void delete(Rule rule) throws IOException {
        rules.delete(rule);
    }

    /** The rules of a family, {@link Route#AF_INET} or {@link Route#AF_INET6}, in the order in which they are asked. */
    public List<Rule> rules(int family) throws IOException {
        return rules.list(family);
    }

    /**
     * What {@code conf/all}, {@code conf/default} and all interfaces are set to.
     *
     * @param family {@link Route#AF_INET} or {@link Route#AF_INET6}
     */
    public List<NetConf> netConf(int family) throws IOException {
        return settings.list(family);
    }

    @Override
    public void close() {
        connection.close();
    }
}
