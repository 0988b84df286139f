package org.mayfly.netlink.diag;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** The verbs of sock_diag. One thread at a time. */
public final class SocketDiag implements AutoCloseable {
    /** {@code TCP_ESTABLISHED}, {@code SYN_RECV}, {@code FIN_WAIT1}, {@code FIN_WAIT2}, {@code CLOSE_WAIT}, {@code LAST_ACK}, {@code CLOSING}. */
    public static final int CONNECTED = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 11;

    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(SocketFilter.LONGEST + 256);

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
        SocketFilter filter = localPort == 0 ? SocketFilter.ANY : SocketFilter.localPort(localPort);
        return sockets(family, protocol, states, filter);
    }

    /**
     * The sockets of both families that the filter lets through: an IPv4 session is on an IPv6 socket when its listener
     * is for both.
     *
     * @param protocol {@code IPPROTO_TCP} or {@code IPPROTO_UDP}
     * @param states a bit for each state, such as {@link #CONNECTED}
     */
    public List<DiagSocket> sockets(int protocol, int states, SocketFilter filter) throws IOException {
        int families = filter.condition().families();
        List<DiagSocket> found = new ArrayList<>();
        if ((families & Condition.FOUR) != 0) {
            found.addAll(sockets(DiagSocket.AF_INET, protocol, states, filter));
        }
        if ((families & Condition.SIX) != 0) {
            found.addAll(sockets(DiagSocket.AF_INET6, protocol, states, filter));
        }
        return found;
    }

    /**
     * The sockets of one family that the filter lets through; the kernel does the choosing.
     *
     * @param attributes to ask for, up to 8: {@link DiagSocket#INET_DIAG_INFO} and its kind
     */
    public List<DiagSocket> sockets(int family, int protocol, int states, SocketFilter filter, int... attributes)
            throws IOException {
        w.reset().begin(DiagSocket.SOCK_DIAG_BY_FAMILY, 0);
        DiagSocket.writeDump(w, family, protocol, extensions(attributes), states, filter);
        w.end();
        return connection.dump(w, (type, b, offset, length) -> DiagSocket.decode(protocol, b, offset, length));
    }

    /** {@code idiag_ext} has a bit for each attribute from 1 to 8. */
    private static int extensions(int... attributes) {
        int bits = 0;
        for (int attribute : attributes) {
            if (attribute < 1 || attribute > 8) {
                throw new IllegalArgumentException("attribute " + attribute + " cannot be asked for");
            }
            bits |= 1 << attribute - 1;
        }
        return bits;
    }

    /**
     * One socket, without a dump: the one that a packet from {@code remote} to {@code local} comes to, which may be a
     * listener.
     *
     * @param interfaceIndex where link-local addresses are; else 0
     * @param attributes to ask for, up to 8: {@link DiagSocket#INET_DIAG_INFO} and its kind
     * @return empty if there is none
     */
    public Optional<DiagSocket> socket(
            int family,
            int protocol,
            InetSocketAddress local,
            InetSocketAddress remote,
            int interfaceIndex,
            int... attributes)
            throws IOException {
        return ask(DiagSocket.named(family, protocol, local, remote, interfaceIndex), attributes);
    }

    /**
     * What has become of a socket.
     *
     * @param attributes to ask for, up to 8: {@link DiagSocket#INET_DIAG_INFO} and its kind
     * @return empty if it is gone, even if there is another of the same addresses and ports
     */
    public Optional<DiagSocket> again(DiagSocket socket, int... attributes) throws IOException {
        return ask(socket, attributes);
    }

    private Optional<DiagSocket> ask(DiagSocket socket, int... attributes) throws IOException {
        w.reset().begin(DiagSocket.SOCK_DIAG_BY_FAMILY, 0);
        socket.writeKey(w, extensions(attributes));
        w.end();
        int protocol = socket.protocol();
        try {
            return connection
                    .query(w, (type, b, offset, length) -> DiagSocket.decode(protocol, b, offset, length))
                    .stream()
                    .findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE) { // ESTALE: the cookie is another one's
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Ends a socket; its peer is sent a reset. Needs CAP_NET_ADMIN.
     *
     * @throws IOException {@code ENOENT} if it is gone already
     */
    public void destroy(DiagSocket socket) throws IOException {
        w.reset().begin(DiagSocket.SOCK_DESTROY, 0);
        socket.writeKey(w, 0);
        w.end();
        connection.request(w);
    }

    @Override
    public void close() {
        connection.close();
    }
}
