package org.mayfly.agent.translate;

import io.netty.bootstrap.AbstractBootstrap;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.mayfly.agent.net.Transport;

/**
 * A forwarder for names that gives hosts without IPv4 an address for those that have nothing else: where a name has no AAAA
 * record, one is made out of its A record (DNS64, RFC 6147). It remembers nothing and validates nothing; the resolvers that
 * it asks do. Everything that it has no say in is passed on as it is, in both directions. Runs on one event loop.
 */
public final class Dns64 implements AutoCloseable {
    /** After accept(2) failed, for want of descriptors most likely. */
    private static final int PAUSE_SECONDS = 1;

    private final Transport transport;
    private final EventLoop loop;
    private final Dns64Settings settings;
    private final Dns64Tally tally = new Dns64Tally();
    private final Forwarder forwarder;
    private final StreamClients clients = new StreamClients();
    private final List<Channel> channels = new ArrayList<>();

    /** @param group the whole of it runs on one loop of these */
    public Dns64(Transport transport, EventLoopGroup group, Dns64Settings settings) {
        this.transport = transport;
        this.loop = group.next();
        this.settings = settings;
        this.forwarder = new Forwarder(settings, new Upstreams(transport, loop, settings.upstream(), tally), tally);
    }

    /**
     * Listens on all the addresses, over UDP and TCP. Not on the loop.
     *
     * @throws IOException with one line: which one, and why not; nothing is listened on then
     */
    public void bind() throws IOException {
        try {
            for (InetSocketAddress address : settings.listen()) {
                bound("UDP", address, early(packets(isIpv4(address))).bind(address));
                bound("TCP", address, early(streams(isIpv4(address))).bind(address));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static boolean isIpv4(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address;
    }

    /** The address may come later than the agent: {@code IP_FREEBIND} of ip(7), which IPv6 sockets take as well. */
    private <B extends AbstractBootstrap<B, ?>> B early(B bootstrap) {
        return transport.isNative() ? bootstrap.option(EpollChannelOption.IP_FREEBIND, true) : bootstrap;
    }

    private Bootstrap packets(boolean ipv4) {
        return new Bootstrap()
                .group(loop)
                .channelFactory(() -> transport.datagram(ipv4))
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(DnsFrames.LONGEST_QUERY))
                .handler(new PacketClients(forwarder));
    }

    private ServerBootstrap streams(boolean ipv4) {
        return new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> transport.server(ipv4))
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new Failures())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        DnsFrames.add(channel.pipeline(), DnsFrames.LONGEST_QUERY);
                        channel.pipeline().addLast(new StreamClient(forwarder, clients));
                    }
                });
    }

    private void bound(String protocol, InetSocketAddress address, ChannelFuture bind) throws IOException {
        bind.awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            String why = String.valueOf(cause.getMessage());
            String advice = why.contains("in use") ? "; is another resolver running? see: ss -lunp, ss -ltnp" : "";
            throw new IOException(
                    "DNS64 cannot listen on " + protocol + " " + Dns64Settings.text(address) + ": " + why + advice,
                    cause);
        }
        channels.add(bind.channel());
    }

    /** What became of the queries. From any thread. */
    public Dns64Counts counts() {
        return tally.counts();
    }

    /** Stops listening; who waits for an answer over UDP gets none any more. Not on the loop. */
    @Override
    public void close() {
        channels.forEach(c -> c.close().awaitUninterruptibly());
        channels.clear();
        if (!loop.isShuttingDown()) {
            loop.submit(clients::close).awaitUninterruptibly();
        }
    }

    /** Nobody is accepted for a while, lest the loop spin on a connection that it cannot take. */
    private static final class Failures extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Channel listener = context.channel();
            if (listener.config().isAutoRead()) {
                listener.config().setAutoRead(false);
                context.executor().schedule(() -> listener.config().setAutoRead(true), PAUSE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
