package org.mayfly.netlink.route;

import java.io.IOException;
import java.util.List;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/** How settings of interfaces are asked for. */
final class NetConfRequests {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(64);

    NetConfRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    List<NetConf> list(int family) throws IOException {
        w.reset()
                .begin(NetConf.RTM_GETNETCONF, 0)
                .u8(family)
                .zeros(NetConf.HEADER - 1)
                .end();
        return connection.dump(w, (type, b, offset, length) -> NetConf.decode(b, offset, length));
    }
}
