package org.mayfly.netlink.sys;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/**
 * Sends ICMPv6 messages, each from an address of this host of the caller's choice, and takes none in. The hop limit is
 * 255, which neighbour discovery asks for (RFC 4861, 3.1). Source: raw(7), ipv6(7), RFC 3542. One thread uses and closes
 * it.
 *
 * <pre>
 *  struct sockaddr_in6:  | family u16 | port u16 | flowinfo u32 | address, 16 bytes | scope_id u32 |
 *  struct iovec:         | base u64 | length u64 |
 *  struct msghdr:        | name u64 | namelen u32 | pad u32 | iov u64 | iovlen u64 | control u64 | controllen u64 |
 *                        | flags s32 | pad u32 |
 *  struct cmsghdr:       | length u64 | level s32 | type s32 |
 *  struct in6_pktinfo:   | address, 16 bytes | ifindex s32 | pad u32, of the control message |
 * </pre>
 */
public final class Icmp6Socket implements AutoCloseable {
    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_PKTINFO = 50;
    private static final int ICMP6_FILTER = 1;
    private static final int MSG_DONTWAIT = 0x40;

    private static final int HOPS = 255;

    /** {@code struct icmp6_filter}: a bit for each type; the one that is set is kept away. */
    private static final int FILTER = 32;

    /** The most bytes of a message: what any link takes with an IPv6 header before it (RFC 8200, 5). */
    public static final int LONGEST = 1280 - 40;

    private static final int SOCKADDR_IN6 = 28;
    private static final int IOVEC_AT = 32;
    private static final int MSGHDR_AT = 48;
    private static final int CMSGHDR_AT = 104;
    private static final int CMSGHDR = 16;
    private static final int PKTINFO_AT = CMSGHDR_AT + CMSGHDR;
    private static final int PKTINFO = 20;
    private static final int MESSAGE_AT = 144;

    private final ByteBuffer scratch =
            ByteBuffer.allocateDirect(MESSAGE_AT + LONGEST).order(ByteOrder.nativeOrder());
    private final long at = Libc.address(scratch);
    private final int fd;
    private boolean closed;

    private Icmp6Socket(int fd) {
        this.fd = fd;
        scratch.putShort(0, (short) AF_INET6);
        scratch.putLong(IOVEC_AT, at + MESSAGE_AT);
        scratch.putLong(MSGHDR_AT, at).putInt(MSGHDR_AT + 8, SOCKADDR_IN6);
        scratch.putLong(MSGHDR_AT + 16, at + IOVEC_AT).putLong(MSGHDR_AT + 24, 1);
        scratch.putLong(MSGHDR_AT + 32, at + CMSGHDR_AT).putLong(MSGHDR_AT + 40, MESSAGE_AT - CMSGHDR_AT);
        scratch.putLong(CMSGHDR_AT, CMSGHDR + PKTINFO);
        scratch.putInt(CMSGHDR_AT + 8, IPPROTO_IPV6).putInt(CMSGHDR_AT + 12, IPV6_PKTINFO);
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @throws NetlinkException with {@code EPERM} without CAP_NET_RAW
     */
    public static Icmp6Socket open() throws IOException {
        int fd = Libc.CALLS.socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
        if (fd < 0) {
            throw failed("socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)");
        }
        Icmp6Socket s = new Icmp6Socket(fd);
        try {
            s.takeNothing();
            s.option(IPV6_UNICAST_HOPS, HOPS);
            s.option(IPV6_MULTICAST_HOPS, HOPS);
        } catch (IOException e) {
            s.close();
            throw e;
        }
        return s;
    }

    /** Or the kernel would keep a copy of every ICMPv6 message that comes in, until there is no more room for them. */
    private void takeNothing() throws IOException {
        for (int i = 0; i < FILTER; i += Long.BYTES) {
            scratch.putLong(MESSAGE_AT + i, -1);
        }
        if (Libc.CALLS.setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, at + MESSAGE_AT, FILTER) < 0) {
            throw failed("setsockopt(ICMP6_FILTER)");
        }
    }

    private void option(int option, int value) throws IOException {
        scratch.putInt(MESSAGE_AT, value);
        if (Libc.CALLS.setsockopt(fd, IPPROTO_IPV6, option, at + MESSAGE_AT, Integer.BYTES) < 0) {
            throw failed("setsockopt(IPPROTO_IPV6, " + option + ")");
        }
    }

    /**
     * Sends a message, or fails at once if that would mean to wait.
     *
     * @param message from its type on, {@link #LONGEST} bytes at most; the kernel fills in the checksum
     * @param source an IPv6 address of this host
     * @param destination an IPv6 address
     * @param index of the interface that it leaves by
     * @throws NetlinkException with {@code EINVAL} if {@code source} is not an address of the interface, {@code EAGAIN} or
     *     {@code ENOBUFS} if there is no room for it, {@code ENETUNREACH} if there is no way to {@code destination}
     * @throws ClosedChannelException if the socket is closed
     */
    public void send(byte[] message, InetAddress source, InetAddress destination, int index) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        scratch.put(8, sixteen(destination)).putInt(24, index);
        scratch.put(PKTINFO_AT, sixteen(source)).putInt(PKTINFO_AT + 16, index);
        scratch.put(MESSAGE_AT, message).putLong(IOVEC_AT + 8, message.length);
        while (Libc.CALLS.sendmsg(fd, at + MSGHDR_AT, MSG_DONTWAIT) < 0) {
            if (Libc.errno() != Errno.EINTR) {
                throw failed("sendmsg");
            }
        }
    }

    private static byte[] sixteen(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16) {
            throw new IllegalArgumentException(address.getHostAddress() + " is not an IPv6 address");
        }
        return bytes;
    }

    private static NetlinkException failed(String call) {
        return new NetlinkException(call, Libc.errno());
    }

    /** For those who look whether anything is waiting on it. It stays ours to close. */
    int fd() {
        return fd;
    }

    /** A second time does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.CALLS.close(fd);
        }
    }
}
