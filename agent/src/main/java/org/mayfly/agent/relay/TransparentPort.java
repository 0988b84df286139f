package org.mayfly.agent.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;

/**
 * One socket that takes connections to any address and port, as a rule of nftables ({@code tproxy}) hands them to it. Where
 * each leads is told by what it was for. Source: {@code Documentation/networking/tproxy.rst}, {@code IP_TRANSPARENT} of
 * ip(7), which an IPv6 socket takes as well (as {@code ipv6_setsockopt} hands {@code SOL_IP} on).
 */
public final class TransparentPort implements AutoCloseable {
    /** Tells where connections lead. Asked on the loop of the pipes. */
    @FunctionalInterface
    public interface Choice {
        /**
         * @param to the address and {@code port} that the client has connected to
         * @return null to refuse it
         */
        @Nullable
        Target target(Ip6Address source, Ip6Address to, int port);
    }

    private final Transport transport;
    private final Pipes pipes;
    private final Choice choice;
    private final Ports ports;

    /** @param pipes on whose loop connections are accepted, so that knocks do not wait for those inside */
    public TransparentPort(Transport transport, Pipes pipes, Choice choice) {
        this.transport = transport;
        this.pipes = pipes;
        this.choice = choice;
        this.ports = new Ports(transport);
    }

    /**
     * Not on a loop.
     *
     * @param address best of loopback, so that nobody reaches it past the rules
     * @throws IOException with one line: which port, and why not
     */
    public void bind(InetSocketAddress address) throws IOException {
        if (!transport.isNative()) {
            throw new IOException("[relay.nat64] needs Netty's native transport, which does not load here");
        }
        Bootstrap b = new Bootstrap()
                .group(pipes.loop())
                .option(EpollChannelOption.IP_TRANSPARENT, true)
                .handler(new Acceptor(pipes, this::accepted));
        Channel listener = ports.bind(b, "[relay.nat64]", address, true);
        // An option that cannot be set is only logged.
        if (!Boolean.TRUE.equals(listener.config().getOption(EpollChannelOption.IP_TRANSPARENT))) {
            close();
            throw new IOException(
                    "[relay.nat64] needs a transparent socket: run as root, or give the agent CAP_NET_ADMIN");
        }
    }

    private void accepted(Channel client) {
        Target target = client.remoteAddress() instanceof InetSocketAddress from
                        && client.localAddress() instanceof InetSocketAddress to
                ? choice.target(Ip6Address.of(from.getAddress()), Ip6Address.of(to.getAddress()), to.getPort())
                : null;
        if (target == null) {
            Pipes.reset(client);
            return;
        }
        pipes.join(client, target);
    }

    /** Stops listening; connections that are open stay. Not on a loop. */
    @Override
    public void close() {
        ports.close();
    }
}
