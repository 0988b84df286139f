package org.mayfly.agent.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The sockets knocks come in by. */
public final class Listeners implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 4 << 20;

    private final Transport transport;
    private final EventLoopGroup loop;
    private final int packetLength;
    private final PacketSink sink;
    private final List<Channel> channels = new ArrayList<>();

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
        Bootstrap b = new Bootstrap()
                .group(loop)
                .channel(transport.datagram())
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                // one byte more than a packet: what is longer is told by its length, however much was cut off
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(packetLength + 1))
                .handler(new UdpKnocks(packetLength, sink));
        bound("UDP", address, b.bind(address));
    }

    /**
     * Binds a TCP socket whose connections may bring one packet each.
     *
     * @throws IOException with one line: which port, and why not
     */
    public void tcp(InetSocketAddress address) throws IOException {
        TcpKnocks.Limit limit = new TcpKnocks.Limit();
        ServerBootstrap b = new ServerBootstrap()
                .group(loop)
                .channel(transport.server())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new TcpKnocks(packetLength, sink, limit));
                    }
                });
        bound("TCP", address, b.bind(address));
    }

    private void bound(String protocol, InetSocketAddress address, ChannelFuture bind) throws IOException {
        bind.awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            String why = String.valueOf(cause.getMessage());
            String advice = why.contains("in use") ? "; is another agent running? see: ss -lunp, ss -ltnp" : "";
            throw new IOException("cannot listen on " + protocol + " " + text(address) + ": " + why + advice, cause);
        }
        channels.add(bind.channel());
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

    private static String text(InetSocketAddress a) {
        InetAddress host = a.getAddress();
        String text = host.isAnyLocalAddress() ? "::" : host.getHostAddress();
        return (host.getAddress().length == 16 ? "[" + text + "]" : host.getHostAddress()) + ":" + a.getPort();
    }

    /** Stops listening. */
    @Override
    public void close() {
        channels.forEach(c -> c.close().awaitUninterruptibly());
    }
}
