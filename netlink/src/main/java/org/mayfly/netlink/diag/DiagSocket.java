package org.mayfly.netlink.diag;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/**
 * A TCP or UDP socket, as {@code ss} shows it.
 *
 * <pre>
 *  struct inet_diag_msg:  | family u8 | state u8 | timer u8 | retrans u8 | inet_diag_sockid, 48 bytes | …, 72 in all |
 *  struct inet_diag_sockid:  | sport be16 | dport be16 | src 16 | dst 16 | if u32 | cookie u32 u32 |
 * </pre>
 *
 * <p>Source: {@code linux/inet_diag.h}, sock_diag(7).
 *
 * @param family {@code AF_INET} or {@code AF_INET6}; a connection over IPv4 to a dual-stack socket is of the latter, with
 *     mapped addresses, which Java gives as IPv4
 * @param protocol {@code IPPROTO_TCP} or {@code IPPROTO_UDP}
 * @param state {@code TCP_ESTABLISHED} and its kind ({@code net/tcp_states.h})
 * @param cookie names this socket and no later one
 */
public record DiagSocket(
        int family,
        int protocol,
        int state,
        InetAddress local,
        int localPort,
        InetAddress remote,
        int remotePort,
        int interfaceIndex,
        long cookie) {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    static final int SOCK_DIAG_BY_FAMILY = 20;
    static final int SOCK_DESTROY = 21;

    private static final int MESSAGE = 72;

    static DiagSocket read(int protocol, ByteBuffer b, int offset, int length) {
        if (length < MESSAGE) {
            throw new MalformedMessageException("a socket message of " + length + " bytes", offset);
        }
        int family = Byte.toUnsignedInt(b.get(offset));
        int id = offset + 4;
        return new DiagSocket(
                family,
                protocol,
                Byte.toUnsignedInt(b.get(offset + 1)),
                inet(b, id + 4, family),
                be16(b, id),
                inet(b, id + 20, family),
                be16(b, id + 2),
                b.getInt(id + 36),
                b.getLong(id + 40));
    }

    private static int be16(ByteBuffer b, int at) {
        return Byte.toUnsignedInt(b.get(at)) << 8 | Byte.toUnsignedInt(b.get(at + 1));
    }

    private static InetAddress inet(ByteBuffer b, int at, int family) {
        byte[] bytes = new byte[family == AF_INET ? 4 : 16];
        b.get(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are always an address", e);
        }
    }

    /**
     * The payload of a dump: {@code struct inet_diag_req_v2}.
     *
     * @param states a bit for each state asked for
     */
    static void writeDump(MessageWriter w, int family, int protocol, int states, SocketFilter filter) {
        // The kernel looks at the ports here before it runs the filter's conditions.
        w.u8(family).u8(protocol).u8(0).u8(0).u32(states);
        w.be16(filter.localPort()).be16(filter.remotePort()).zeros(44);
        filter.write(w);
    }

    /** The payload of {@code SOCK_DESTROY}: the same structure, naming this socket. */
    void writeKey(MessageWriter w) {
        w.u8(family).u8(protocol).u8(0).u8(0).u32(0).be16(localPort).be16(remotePort);
        address(w, local);
        address(w, remote);
        w.u32(interfaceIndex).u32((int) cookie).u32((int) (cookie >>> 32));
    }

    private void address(MessageWriter w, InetAddress a) {
        byte[] bytes = a.getAddress();
        if (family == AF_INET6 && bytes.length == 4) { // Java has turned a mapped address into IPv4
            w.zeros(10).u16(0xffff).bytes(bytes);
        } else {
            w.bytes(Arrays.copyOf(bytes, 16));
        }
    }
}
