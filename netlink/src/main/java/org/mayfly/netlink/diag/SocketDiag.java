package org.mayfly.netlink.diag;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/** The verbs of sock_diag. One thread at a time. */
public final class SocketDiag implements AutoCloseable {
    /** {@code TCP_ESTABLISHED}, {@code SYN_RECV}, {@code FIN_WAIT1}, {@code FIN_WAIT2}, {@code CLOSE_WAIT}, {@code LAST_ACK}, {@code CLOSING}. */
    public static final int CONNECTED = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11;

    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(256);

    /** Takes the connection over. */
    public SocketDiag(NetlinkConnection connection) {
        this.connection = connection;
    }

    /** Opens a connection in the network namespace of the calling thread. */
    public static SocketDiag open() throws IOException {
        return new SocketDiag(NetlinkConnection.open(NetlinkConnection.NETLINK_SOCK_DIAG, DiagVocabulary.INSTANCE));
    }

    /**
     * The sockets of a family and protocol; the kernel does the choosing.
     *
     * @param family {@link DiagSocket#AF_INET} or {@link DiagSocket#AF_INET6}
     * @param protocol {@code IPPROTO_TCP} or {@code IPPROTO_UDP}
     * @param states a bit for each state, such as {@link #CONNECTED}
     * @param localPort 0 for all
     */
    public List<DiagSocket> sockets(int family, int protocol, int states, int localPort) throws IOException {
        return sockets(family, protocol, states, SocketFilter.ANY.withLocalPort(localPort));
    }

    /**
     * The sockets of both families that the filter lets through: an IPv4 session is on an IPv6 socket when its listener
     * is for both.
     *
     * @param protocol {@code IPPROTO_TCP} or {@code IPPROTO_UDP}
     * @param states a bit for each state, such as {@link #CONNECTED}
     */
    public List<DiagSocket> sockets(int protocol, int states, SocketFilter filter) throws IOException {
        List<DiagSocket> found = new ArrayList<>();
        for (int family : filter.families().toArray()) {
            found.addAll(sockets(family, protocol, states, filter));
        }
        return found;
    }

    /** The sockets of one family that the filter lets through; the kernel does the choosing. */
    public List<DiagSocket> sockets(int family, int protocol, int states, SocketFilter filter) throws IOException {
        w.reset().begin(DiagSocket.SOCK_DIAG_BY_FAMILY, 0);
        DiagSocket.writeDump(w, family, protocol, states, filter);
        w.end();
        return connection.dump(w, (type, b, offset, length) -> DiagSocket.read(protocol, b, offset, length));
    }

    /**
     * Ends a socket; its peer is sent a reset. Needs CAP_NET_ADMIN.
     *
     * @throws IOException {@code ENOENT} if it is gone already
     */
    public void destroy(DiagSocket socket) throws IOException {
        w.reset().begin(DiagSocket.SOCK_DESTROY, 0);
        socket.writeKey(w);
        w.end();
        connection.request(w);
    }

    @Override
    public void close() {
        connection.close();
    }
}
