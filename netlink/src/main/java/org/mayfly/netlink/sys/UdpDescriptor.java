package org.mayfly.netlink.sys;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.NetlinkException;

/**
 * A UDP socket as a number, for who reads and writes with {@link DatagramBurst} and watches it by itself. It is made in the
 * network namespace of the calling thread, and none of its calls waits. Source: udp(7), ipv6(7), ip(7), socket(7).
 *
 * <pre>
 *  struct sockaddr_in6:  | family u16 | port be16 | flowinfo u32 | address, 16 bytes | scope_id u32 |
 *  struct sockaddr_in:   | family u16 | port be16 | address, 4 bytes | zero, 8 bytes |
 * </pre>
 */
public final class UdpDescriptor implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_REUSEPORT = 15;
    private static final int SO_RCVBUFFORCE = 33;

    private static final int SOL_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IP_FREEBIND = 15;

    private static final int SOL_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_FREEBIND = 78;

    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;
    private static final int LENGTH_AT = 32;

    private final boolean ipv4;
    private final int fd;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
    private final long at = Libc.address(scratch);
    private boolean closed;

    private UdpDescriptor(boolean ipv4) throws NetlinkException {
        this.ipv4 = ipv4;
        this.fd = Libc.CALLS.socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        check("socket", fd);
    }

    /**
     * Bound to a port on all addresses of one family, and tells of each datagram where it was sent to. Sockets of {@link
     * #connected(InetSocketAddress, InetSocketAddress)} may have the port as well; those of other users may not, and whoever has the
     * port already keeps it to himself.
     *
     * @param ipv4 which family: never both
     * @param port 0 for one of the kernel's choice
     * @throws NetlinkException {@code EADDRINUSE} if somebody else has the port
     */
    public static UdpDescriptor listening(boolean ipv4, int port) throws NetlinkException {
        UdpDescriptor d = new UdpDescriptor(ipv4);
        try {
            if (ipv4) {
                d.set(SOL_IP, IP_PKTINFO, "IP_PKTINFO");
            } else {
                d.set(SOL_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
                d.set(SOL_IPV6, IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO");
            }
            d.scratch.put(0, new byte[SOCKADDR_IN6]).putShort(0, (short) (ipv4 ? AF_INET : AF_INET6));
            d.bigEndian().putShort(2, (short) port);
            d.check("bind", Libc.CALLS.bind(d.fd, d.at, ipv4 ? SOCKADDR_IN : SOCKADDR_IN6));
            d.set(
                    SOL_SOCKET,
                    SO_REUSEPORT,
                    "SO_REUSEPORT"); // not before: bind(2) would share with who has it set as well
            return d;
        } catch (NetlinkException e) {
            d.close();
            throw e;
        }
    }

    /**
     * Hears one peer and sends to it, from an address and port that others may have too. What the peer sends comes to this
     * socket and to no {@link #listening} one from now on; what came between bind(2) and connect(2) may be of anybody.
     *
     * @param local the address may be one that is not up, or that is of a local route only
     * @param remote of the same family
     */
    public static UdpDescriptor connected(InetSocketAddress local, InetSocketAddress remote) throws NetlinkException {
        UdpDescriptor d = new UdpDescriptor(isIpv4(local));
        try {
            d.set(SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT");
            if (d.ipv4) {
                d.set(SOL_IP, IP_FREEBIND, "IP_FREEBIND");
            } else {
                d.set(SOL_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
                d.set(SOL_IPV6, IPV6_FREEBIND, "IPV6_FREEBIND");
            }
            d.check("bind", Libc.CALLS.bind(d.fd, d.at, d.write(local)));
            d.check("connect", Libc.CALLS.connect(d.fd, d.at, d.write(remote)));
            return d;
        } catch (NetlinkException e) {
            d.close();
            throw e;
        }
    }

    /**
     * The same, from an address and port of the kernel's choice.
     *
     * @throws NetlinkException {@code EAGAIN} if no port is left, {@code EMFILE} if no descriptor is
     */
    public static UdpDescriptor connected(InetSocketAddress remote) throws NetlinkException {
        UdpDescriptor d = new UdpDescriptor(isIpv4(remote));
        try {
            d.check("connect", Libc.CALLS.connect(d.fd, d.at, d.write(remote)));
            return d;
        } catch (NetlinkException e) {
            d.close();
            throw e;
        }
    }

    private static boolean isIpv4(InetSocketAddress a) {
        return a.getAddress() instanceof Inet4Address;
    }

    /** Writes a sockaddr and gives its length. */
    private int write(InetSocketAddress a) {
        InetAddress host = a.getAddress();
        if (isIpv4(a) != ipv4) {
            throw new IllegalArgumentException(a + " is of the other family");
        }
        scratch.put(0, new byte[SOCKADDR_IN6]).putShort(0, (short) (ipv4 ? AF_INET : AF_INET6));
        bigEndian().putShort(2, (short) a.getPort()).put(ipv4 ? 4 : 8, host.getAddress());
        if (host instanceof Inet6Address six) {
            scratch.putInt(24, six.getScopeId());
        }
        return ipv4 ? SOCKADDR_IN : SOCKADDR_IN6;
    }

    private ByteBuffer bigEndian() {
        return scratch.duplicate().order(ByteOrder.BIG_ENDIAN);
    }

    private void set(int level, int option, String name) throws NetlinkException {
        scratch.putInt(0, 1);
        check("setsockopt(" + name + ")", Libc.CALLS.setsockopt(fd, level, option, at, Integer.BYTES));
    }

    /** Asks for a receive buffer of so many bytes; what it gets is what the machine allows. */
    public UdpDescriptor receiveBuffer(int bytes) {
        scratch.putInt(0, bytes);
        if (Libc.CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, at, Integer.BYTES) < 0) {
            Libc.CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, at, Integer.BYTES);
        }
        return this;
    }

    /** The port it is bound to. */
    public int localPort() throws NetlinkException {
        scratch.putInt(LENGTH_AT, LENGTH_AT);
        check("getsockname", Libc.CALLS.getsockname(fd, at, at + LENGTH_AT));
        return Short.toUnsignedInt(bigEndian().getShort(2));
    }

    private void check(String call, int result) throws NetlinkException {
        if (result < 0) {
            throw new NetlinkException(call, Libc.errno());
        }
    }

    /** Not to be closed by anybody else. */
    public int fd() {
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
