package org.mayfly.netlink.diag;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * Which sockets the kernel is to choose: those to which all that is said here applies.
 *
 * <pre>
 *  struct inet_diag_bc_op:    | code u8 | yes u8 | no u16 |          jumps, in bytes from this operation on
 *  struct inet_diag_hostcond: | family u8 | prefix_len u8 | pad u16 | port s32 | address |
 * </pre>
 *
 * <p>Each condition goes on to the next when it holds, and else jumps four bytes behind the end, which refuses the
 * socket. An IPv4 address holds for mapped ones of IPv6 sockets too. Source: {@code linux/inet_diag.h},
 * {@code inet_diag_bc_run} in {@code net/ipv4/inet_diag.c}.
 *
 * @param local null for any
 * @param localPort 0 for any
 * @param remote null for any
 * @param remotePort 0 for any
 */
public record SocketFilter(
        @Nullable InetAddress local,
        int localPort,
        @Nullable InetAddress remote,
        int remotePort) {
    /** All sockets. */
    public static final SocketFilter ANY = new SocketFilter(null, 0, null, 0);

    private static final int INET_DIAG_REQ_BYTECODE = 1;
    private static final int INET_DIAG_BC_S_COND = 7;
    private static final int INET_DIAG_BC_D_COND = 8;

    private static final int OPERATION = 4;
    private static final int CONDITION = 8;
    private static final int ANY_PORT = -1;

    public SocketFilter withLocal(InetAddress address) {
        return new SocketFilter(address, localPort, remote, remotePort);
    }

    public SocketFilter withLocalPort(int port) {
        return new SocketFilter(local, port, remote, remotePort);
    }

    public SocketFilter withRemote(InetAddress address) {
        return new SocketFilter(local, localPort, address, remotePort);
    }

    public SocketFilter withRemotePort(int port) {
        return new SocketFilter(local, localPort, remote, port);
    }

    /** The families in which sockets can be found: an IPv4 session may be on an IPv6 socket, not the other way round. */
    IntStream families() {
        boolean four = isFourOrNull(local) && isFourOrNull(remote);
        return four ? IntStream.of(DiagSocket.AF_INET, DiagSocket.AF_INET6) : IntStream.of(DiagSocket.AF_INET6);
    }

    private static boolean isFourOrNull(@Nullable InetAddress address) {
        return address == null || address instanceof Inet4Address;
    }

    /** The attribute; none when everything is wanted. */
    void write(MessageWriter w) {
        int left = length(local, localPort) + length(remote, remotePort);
        if (left == 0) {
            return;
        }
        int attribute = w.open(INET_DIAG_REQ_BYTECODE);
        write(w, INET_DIAG_BC_S_COND, local, localPort, left);
        write(w, INET_DIAG_BC_D_COND, remote, remotePort, left - length(local, localPort));
        w.endNest(attribute);
    }

    private static int length(@Nullable InetAddress address, int port) {
        if (address == null && port == 0) {
            return 0;
        }
        return OPERATION + CONDITION + (address == null ? 0 : address.getAddress().length);
    }

    private static void write(MessageWriter w, int code, @Nullable InetAddress address, int port, int left) {
        int length = length(address, port);
        if (length == 0) {
            return;
        }
        w.u8(code).u8(length).u16(left + OPERATION);
        byte[] bytes = address == null ? new byte[0] : address.getAddress();
        int family = bytes.length == 0 ? 0 : bytes.length == 4 ? DiagSocket.AF_INET : DiagSocket.AF_INET6;
        w.u8(family)
                .u8(8 * bytes.length)
                .u16(0)
                .u32(port == 0 ? ANY_PORT : port)
                .bytes(bytes);
    }
}
