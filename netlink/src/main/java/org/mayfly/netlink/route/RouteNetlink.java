package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REPLACE;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** The verbs of rtnetlink: addresses, links, routes. One thread at a time. */
public final class RouteNetlink implements AutoCloseable {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(512);

    /** Takes the connection over. */
    public RouteNetlink(NetlinkConnection connection) {
        this.connection = connection;
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

    public List<Link> links() throws IOException {
        w.reset().begin(Link.RTM_GETLINK, 0);
        Link.writeDump(w);
        w.end();
        return connection.dump(w, Link::read);
    }

    /** The interface of that name; the kernel looks for it. */
    public Optional<Link> link(String name) throws IOException {
        w.reset().begin(Link.RTM_GETLINK, 0);
        Link.writeName(w, name);
        w.end();
        try {
            return connection.query(w, Link::read).stream().findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENODEV || e.errno() == Errno.ERANGE) { // none, or none can have so long a name
                return Optional.empty();
            }
            throw e;
        }
    }

    public void up(Link link) throws IOException {
        w.reset().begin(Link.RTM_NEWLINK, 0);
        Link.writeUp(w, link.index());
        w.end();
        connection.request(w);
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
