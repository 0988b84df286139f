package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REPLACE;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/** The verbs of rtnetlink: addresses, links, neighbours, routes. One thread at a time. */
public final class RouteNetlink implements AutoCloseable {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(512);
    private final LinkRequests links;
    private final NeighbourRequests neighbours;

    /** Takes the connection over. */
    public RouteNetlink(NetlinkConnection connection) {
        this.connection = connection;
        this.links = new LinkRequests(connection);
        this.neighbours = new NeighbourRequests(connection);
    }

    /** Opens a connection in the network namespace of the calling thread. */
    public static RouteNetlink open() throws IOException {
        return new RouteNetlink(NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, RouteVocabulary.INSTANCE));
    }

    /** Fails with {@code EEXIST} if it is there. */
    public void add(Address address) throws IOException {
        put(address, NLM_F_CREATE | NLM_F_EXCL);
    }

    /** Puts it up, or gives the one that is there other flags and lifetimes. */
    public void replace(Address address) throws IOException {
        put(address, NLM_F_CREATE | NLM_F_REPLACE);
    }

    private void put(Address address, int flags) throws IOException {
        w.reset().begin(Address.RTM_NEWADDR, flags);
        address.write(w);
        w.end();
        connection.request(w);
    }

    /** Fails with {@code EADDRNOTAVAIL} if it is not there. */
    public void delete(Address address) throws IOException {
        w.reset().begin(Address.RTM_DELADDR, 0);
        address.writeKey(w);
        w.end();
        connection.request(w);
    }

    /** All addresses of both families. */
    public List<Address> addresses() throws IOException {
        w.reset().begin(Address.RTM_GETADDR, 0).zeros(8).end();
        return connection.dump(w, Address::read);
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
        put(route, NLM_F_CREATE | NLM_F_EXCL);
    }

    /** Adds a route, or replaces the one to the same destination, in the same table, of the same metric. */
    public void replace(Route route) throws IOException {
        put(route, NLM_F_CREATE | NLM_F_REPLACE);
    }

    private void put(Route route, int flags) throws IOException {
        w.reset().begin(Route.RTM_NEWROUTE, flags);
        route.write(w);
        w.end();
        connection.request(w);
    }

    /** Fails with {@code ESRCH} if it is not there. */
    public void delete(Route route) throws IOException {
        w.reset().begin(Route.RTM_DELROUTE, 0);
        route.write(w);
        w.end();
        connection.request(w);
    }

    /** All IPv6 routes of all tables. */
    public List<Route> routes() throws IOException {
        return routes(Route.AF_INET6);
    }

    /** All routes of a family, {@link Route#AF_INET} or {@link Route#AF_INET6}, of all tables. */
    public List<Route> routes(int family) throws IOException {
        w.reset().begin(Route.RTM_GETROUTE, 0);
        Route.writeDump(w, family);
        w.end();
        return connection.dump(w, Route::read);
    }

    @Override
    public void close() {
        connection.close();
    }
}
