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

/** How the verbs for neighbours are asked. */
final class NeighbourRequests {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(512);

    NeighbourRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    List<Neighbour> list(NeighbourFilter filter) throws IOException {
        w.reset().begin(Neighbour.RTM_GETNEIGH, 0);
        filter.write(w);
        w.end();
        return connection.dump(w, Neighbour::read);
    }

    Optional<Neighbour> get(Neighbour key) throws IOException {
        w.reset().begin(Neighbour.RTM_GETNEIGH, 0);
        key.writeKey(w);
        w.end();
        try {
            return connection.query(w, Neighbour::read).stream().findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    void add(Neighbour neighbour) throws IOException {
        put(neighbour, NLM_F_CREATE | NLM_F_EXCL);
    }

    void replace(Neighbour neighbour) throws IOException {
        put(neighbour, NLM_F_CREATE | NLM_F_REPLACE);
    }

    private void put(Neighbour neighbour, int flags) throws IOException {
        w.reset().begin(Neighbour.RTM_NEWNEIGH, flags);
        neighbour.write(w);
        w.end();
        connection.request(w);
    }

    void delete(Neighbour neighbour) throws IOException {
        w.reset().begin(Neighbour.RTM_DELNEIGH, 0);
        neighbour.writeKey(w);
        w.end();
        connection.request(w);
    }
}
