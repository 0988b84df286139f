package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_APPEND;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REPLACE;

import java.io.IOException;
import java.util.List;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** How the verbs for routes are asked. */
final class RouteRequests {
    /** Room for as many next hops as one attribute can hold, or nearly. */
    private static final int REQUEST = 1 << 16;

    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(REQUEST);

    RouteRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    void add(Route route) throws IOException {
        request(Route.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
    }

    void replace(Route route) throws IOException {
        request(Route.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
    }

    void append(Route route) throws IOException {
        request(Route.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, route);
    }

    void delete(Route route) throws IOException {
        request(Route.RTM_DELROUTE, 0, route);
    }

    private void request(int type, int flags, Route route) throws IOException {
        w.reset().begin(type, flags);
        route.forRequest().write(w);
        w.end();
        connection.request(w);
    }

    List<Route> list(RouteFilter filter) throws IOException {
        w.reset().begin(Route.RTM_GETROUTE, 0);
        filter.write(w);
        w.end();
        try {
            return connection.dump(w, Route::read);
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT && filter.table() != 0) { // a table that was never written to is not there
                return List.of();
            }
            throw e;
        }
    }

    Route lookup(RouteLookup packet) throws IOException {
        w.reset().begin(Route.RTM_GETROUTE, 0);
        packet.write(w);
        w.end();
        return connection.query(w, Route::read).stream()
                .findFirst()
                .orElseThrow(() -> new NetlinkException("RTM_GETROUTE", Errno.EPROTO, "an answer without a route", 0));
    }
}
