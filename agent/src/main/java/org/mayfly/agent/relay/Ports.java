package org.mayfly.agent.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.net.Transport;

/** TCP sockets that listen. */
final class Ports implements AutoCloseable {
    /** {@code IPPROTO_IPV6} and {@code IPV6_V6ONLY}: linux/in6.h. */
    private static final ChannelOption<Integer> IPV6_V6ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    private final Transport transport;
    private final List<Channel> channels = new ArrayList<>();

    Ports(Transport transport) {
        this.transport = transport;
    }

    /**
     * @param one what it is, for the message
     * @param only IPv6 takes no IPv4
     * @return what listens
     * @throws IOException with one line: which port, and why not
     */
    Channel bind(Bootstrap bootstrap, String one, InetSocketAddress address, boolean only) throws IOException {
        if (!transport.isNative()) {
            throw new IOException("Netty's native transport is needed for " + one + ", and does not load here");
        }
        bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        bootstrap.channelFactory(() -> transport.server(address.getAddress() instanceof Inet4Address));
        if (only && !(address.getAddress() instanceof Inet4Address)) {
            bootstrap.option(IPV6_V6ONLY, 1);
        }
        ChannelFuture bind = bootstrap.bind(address).awaitUninterruptibly();
        Throwable cause = bind.cause();
        if (cause != null) {
            throw failed(one, address, cause);
        }
        channels.add(bind.channel());
        return bind.channel();
    }

    private static IOException failed(String one, InetSocketAddress address, Throwable cause) {
        String why = String.valueOf(cause.getMessage());
        String advice = why.contains("in use") ? "; what has it? see: ss -ltnp" : "";
        return new IOException("cannot listen on TCP " + text(address) + " for " + one + ": " + why + advice, cause);
    }

    private static String text(InetSocketAddress a) {
        InetAddress host = a.getAddress();
        boolean v4 = host instanceof Inet4Address;
        return v4
                ? host.getHostAddress() + ":" + a.getPort()
                : "[" + (host.isAnyLocalAddress() ? "::" : host.getHostAddress()) + "]:" + a.getPort();
    }

    /** Where they listen. */
    List<InetSocketAddress> addresses() {
        return channels.stream().map(c -> (InetSocketAddress) c.localAddress()).toList();
    }

    /** Not on the loop. */
    @Override
    public void close() {
        channels.forEach(c -> c.close().awaitUninterruptibly());
        channels.clear();
    }
}
