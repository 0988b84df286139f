package org.mayfly.agent.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The sockets knocks come in by. */
public final class Listeners implements AutoCloseable {
    /** A receive buffer with fewer bytes is told of: about 0.1 s of 10,000 packets a second, and less if they come at once. */
    private static final int SMALL = 1 << 20;

    private final Transport transport;
    private final EventLoopGroup loop;
    private final int packetLength;
    private final PacketSink sink;
    private final TcpConnections connections = new TcpConnections();
    private final List<Channel> channels = new ArrayList<>();
    private final List<UdpSocket> sockets = new ArrayList<>();
    private String warning = "";

    /**
     * @param packetLength bytes of a packet: what TCP waits for
     */
    public Listeners(Transport transport, EventLoopGroup loop, int packetLength, PacketSink sink) {
        this.transport = transport;
        this.loop = loop;
        this.packetLength = packetLength;
        this.sink = sink;
    }

    /**
     * Binds a UDP socket. {@code [::]} takes IPv4 as well.
     *
     * @throws IOException with one line: which port, and why not
     */
    public void udp(InetSocketAddress address) throws IOException {
        try {
            // One byte more than a packet: what is longer is told by its length, however much was cut off.
            UdpSocket socket = transport.udp().open((IoEventLoop) loop.next(), address, packetLength + 1, sink);
            sockets.add(socket);
            if (socket.receiveBuffer() < SMALL && warning.isEmpty()) {
                warning = small(address, socket.receiveBuffer());
            }
        } catch (IOException e) {
            throw failed("UDP", address, e);
        }
    }

    /** What an operator should do for the sockets that are bound, in a line; or nothing. */
    public String warning() {
        return warning;
    }

    private static String small(InetSocketAddress address, int bytes) {
        return "the receive buffer of UDP " + text(address) + " is only " + bytes / 1024
                + " KiB, and a knock that comes in a flood may find no room: give the agent CAP_NET_ADMIN, or: "
                + "sysctl net.core.rmem_max=" + UdpSocket.RECEIVE_BUFFER;
    }

    /**
     * Binds a TCP socket whose connections may bring one packet each.
     *
     * @throws IOException with one line: which port, and why not
     */
    public void tcp(InetSocketAddress address) throws IOException {
        ServerBootstrap b = TcpListener.of(transport, loop, packetLength, sink, connections);
        bound("TCP", address, b.bind(address));
    }

    /** Stops listening by TCP. What has come in may bring its packet still. Not on the loop. */
    public void closeTcp() {
        channels.forEach(c -> c.close().awaitUninterruptibly());
        channels.clear();
    }

    /** What became of TCP connections. On the loop. */
    public TcpCounts tcpCounts() {
        return connections.counts();
    }

    private void bound(String protocol, InetSocketAddress address, ChannelFuture bind) throws IOException {
        bind.awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            throw failed(protocol, address, cause);
        }
        channels.add(bind.channel());
    }

    private static IOException failed(String protocol, InetSocketAddress address, Throwable cause) {
        String why = String.valueOf(cause.getMessage());
        String advice = why.contains("in use") ? "; is another agent running? see: ss -lunp, ss -ltnp" : "";
        return new IOException("cannot listen on " + protocol + " " + text(address) + ": " + why + advice, cause);
    }

    /** The descriptors of the UDP sockets, for filters; none if the transport does not tell them. Not to be closed. */
    public List<Integer> udpDescriptors() {
        return sockets.stream().flatMap(s -> s.descriptor().stream().boxed()).toList();
    }

    /**
     * On the loop: how many packets the kernel has dropped at the UDP sockets since they were opened: no room, or a filter.
     * What the transport does not tell counts 0.
     */
    public long dropped() throws IOException {
        long sum = 0;
        for (UdpSocket socket : sockets) {
            sum += socket.dropped();
        }
        return sum;
    }

    /** Of several wildcard addresses on one port only {@code [::]}, which hears them all. */
    public static List<InetSocketAddress> withoutRepeats(List<InetSocketAddress> addresses) {
        return addresses.stream()
                .distinct()
                .filter(a ->
                        !(isIpv4Any(a) && addresses.stream().anyMatch(b -> isIpv6Any(b) && b.getPort() == a.getPort())))
                .toList();
    }

    private static boolean isIpv4Any(InetSocketAddress a) {
        return a.getAddress().isAnyLocalAddress() && a.getAddress().getAddress().length == 4;
    }

    private static boolean isIpv6Any(InetSocketAddress a) {
        return a.getAddress().isAnyLocalAddress() && a.getAddress().getAddress().length == 16;
    }

    static String text(InetSocketAddress a) {
        InetAddress host = a.getAddress();
        String text = host.isAnyLocalAddress() ? "::" : host.getHostAddress();
        return (host.getAddress().length == 16 ? "[" + text + "]" : host.getHostAddress()) + ":" + a.getPort();
    }

    /** Stops listening. */
    @Override
    public void close() {
        sockets.forEach(UdpSocket::close);
        closeTcp();
    }
}
