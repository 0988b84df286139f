package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** How the verbs for links are asked. */
final class LinkRequests {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(4096);

    LinkRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    List<Link> list(LinkFilter filter) throws IOException {
        w.reset().begin(Link.RTM_GETLINK, 0);
        filter.write(w);
        w.end();
        return connection.dump(w, (type, b, offset, length) -> {
            Link link = Link.read(type, b, offset, length);
            return link != null && filter.matches(link) ? link : null;
        });
    }

    Optional<Link> get(String name) throws IOException {
        w.reset().begin(Link.RTM_GETLINK, 0);
        Link.writeName(w, name);
        w.end();
        return one();
    }

    Optional<Link> get(int index) throws IOException {
        w.reset().begin(Link.RTM_GETLINK, 0);
        Link.writeIndex(w, index);
        w.end();
        return one();
    }

    private Optional<Link> one() throws IOException {
        try {
            return connection.query(w, Link::read).stream().findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENODEV || e.errno() == Errno.ERANGE) { // none, or none can have so long a name
                return Optional.empty();
            }
            throw e;
        }
    }

    void add(LinkSettings link) throws IOException {
        refuseAlias(link);
        if (link.info().kind() instanceof Veth veth && veth.peer() != null) {
            refuseAlias(veth.peer());
        }
        w.reset().begin(Link.RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        link.write(w);
        w.end();
        connection.request(w);
    }

    private static void refuseAlias(LinkSettings link) {
        if (link.has(Link.IFLA_IFALIAS)) { // rtnl_create_link does not look at it
            throw new IllegalArgumentException("an alias is set once the interface is there");
        }
    }

    void set(int index, LinkSettings settings) throws IOException {
        existing(index);
        w.reset().begin(Link.RTM_NEWLINK, 0);
        settings.write(w, index);
        w.end();
        connection.request(w);
    }

    void delete(int index) throws IOException {
        existing(index);
        w.reset().begin(Link.RTM_DELLINK, 0);
        Link.writeIndex(w, index);
        w.end();
        connection.request(w);
    }

    /** Of number 0 the kernel would look for a name, or a group. */
    private static void existing(int index) {
        if (index == 0) {
            throw new IllegalArgumentException("an interface is needed");
        }
    }
}
