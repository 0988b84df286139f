package org.mayfly.netlink.diag;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A TCP or UDP socket, as {@code ss} shows it.
 *
 * <pre>
 *  struct inet_diag_msg:  | family u8 | state u8 | timer u8 | retrans u8 | inet_diag_sockid, 48 bytes |
 *                         | expires u32 | rqueue u32 | wqueue u32 | uid u32 | inode u32 | attributes
 *  struct inet_diag_sockid:  | sport be16 | dport be16 | src 16 | dst 16 | if u32 | cookie u32 u32 |
 * </pre>
 *
 * <p>Source: {@code linux/inet_diag.h}, sock_diag(7).
 *
 * @param family {@code AF_INET} or {@code AF_INET6}; a connection over IPv4 to a dual-stack socket is of the latter, with
 *     mapped addresses, which Java gives as IPv4
 * @param protocol {@code IPPROTO_TCP} or {@code IPPROTO_UDP}
 * @param state {@code TCP_ESTABLISHED} and its kind ({@code net/tcp_states.h})
 * @param interfaceIndex the interface it is bound to; 0 for none
 * @param cookie names this socket and no later one
 * @param timer which timer runs: 0 none, 1 retransmission, 2 keep-alive, 3 time-wait, 4 zero window probe
 * @param retransmits so many, or so many probes
 * @param expires milliseconds until the timer
 * @param receiveQueue bytes that nobody has read; of a listener, connections that nobody has accepted
 * @param sendQueue bytes that nobody has acknowledged; of a listener, how many connections may wait
 * @param uid of its owner
 * @param inode of its file; 0 if no process has it any more
 * @param attributes all that the kernel said besides, as it came: {@code INET_DIAG_*}
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
        long cookie,
        int timer,
        int retransmits,
        int expires,
        long receiveQueue,
        long sendQueue,
        int uid,
        long inode,
        List<RawAttribute> attributes) {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    /** {@code struct inet_diag_meminfo}; to be asked for. */
    public static final int INET_DIAG_MEMINFO = 1;
    /** {@code struct tcp_info}; to be asked for. */
    public static final int INET_DIAG_INFO = 2;
    /** The name of the congestion control; to be asked for. */
    public static final int INET_DIAG_CONG = 4;
    /** {@code SK_MEMINFO_*}, u32 each ({@code linux/sock_diag.h}); to be asked for. */
    public static final int INET_DIAG_SKMEMINFO = 7;
    /** u8; always there. */
    public static final int INET_DIAG_SHUTDOWN = 8;
    /** u32; there for who has CAP_NET_ADMIN. */
    public static final int INET_DIAG_MARK = 15;
    /** u64; always there where the kernel has cgroups. */
    public static final int INET_DIAG_CGROUP_ID = 21;

    static final int SOCK_DIAG_BY_FAMILY = 20;
    static final int SOCK_DESTROY = 21;

    private static final int INET_DIAG_REQ_BYTECODE = 1;

    private static final int MESSAGE = 72;

    /** {@code INET_DIAG_NOCOOKIE}, twice: whatever socket it is. */
    private static final long NOCOOKIE = -1;

    public DiagSocket {
        attributes = List.copyOf(attributes);
    }

    /**
     * What a socket is called of which nothing more is known.
     *
     * @param interfaceIndex of link-local addresses; else 0
     */
    static DiagSocket named(
            int family, int protocol, InetSocketAddress local, InetSocketAddress remote, int interfaceIndex) {
        return new DiagSocket(
                family,
                protocol,
                0,
                local.getAddress(),
                local.getPort(),
                remote.getAddress(),
                remote.getPort(),
                interfaceIndex,
                NOCOOKIE,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of());
    }

    /** The value of one of the {@link #attributes}; empty if the kernel has not sent it. */
    public Optional<Bytes> attribute(int type) {
        return attributes.stream()
                .filter(a -> a.type() == type)
                .map(RawAttribute::value)
                .findFirst();
    }

    static DiagSocket decode(int protocol, ByteBuffer b, int offset, int length) {
        if (length < MESSAGE) {
            throw new MalformedMessageException("a socket message of " + length + " bytes", offset);
        }
        int family = Byte.toUnsignedInt(b.get(offset));
        int id = offset + 4;
        int rest = id + 48;
        List<RawAttribute> attributes = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + MESSAGE, length - MESSAGE);
        while (a.next()) {
            attributes.add(RawAttribute.of(a));
        }
        return new DiagSocket(
                family,
                protocol,
                Byte.toUnsignedInt(b.get(offset + 1)),
                inet(b, id + 4, family),
                be16(b, id),
                inet(b, id + 20, family),
                be16(b, id + 2),
                b.getInt(id + 36),
                b.getLong(id + 40),
                Byte.toUnsignedInt(b.get(offset + 2)),
                Byte.toUnsignedInt(b.get(offset + 3)),
                b.getInt(rest),
                Integer.toUnsignedLong(b.getInt(rest + 4)),
                Integer.toUnsignedLong(b.getInt(rest + 8)),
                b.getInt(rest + 12),
                Integer.toUnsignedLong(b.getInt(rest + 16)),
                attributes);
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
     * @param extensions a bit for each attribute asked for: 1 for {@link #INET_DIAG_MEMINFO}, 2 for the next
     */
    static void writeDump(MessageWriter w, int family, int protocol, int extensions, int states, SocketFilter filter) {
        Condition condition = filter.condition();
        // The kernel looks at the ports here before it runs the filter's conditions.
        w.u8(family).u8(protocol).u8(extensions).u8(0).u32(states);
        w.be16(condition.port(true)).be16(condition.port(false)).zeros(44);
        if (condition.length() > 0) {
            int attribute = w.open(INET_DIAG_REQ_BYTECODE);
            condition.write(w, condition.length() + 4); // behind the end: the socket is refused
            w.endNest(attribute);
        }
    }

    /** Names this socket: the payload of {@code SOCK_DESTROY}, and of a question for it alone. */
    void writeKey(MessageWriter w, int extensions) {
        w.u8(family).u8(protocol).u8(extensions).u8(0).u32(0);
        w.be16(localPort).be16(remotePort);
        address(w, local);
        address(w, remote);
        w.u32(interfaceIndex).u64(cookie); // as it was read: two words that nobody takes apart
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
