package org.mayfly.agent.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;

/**
 * The port of a TCP service that the agent serves itself, by handing its connections on: one listener for all doors, as
 * their addresses are this host's.
 */
public final class RelayPort implements AutoCloseable {
    private final EventLoopGroup main;
    private final Pipes pipes;
    private final int port;
    private final Admission admission;
    private final Ports ports;
    private volatile Target target;

    /**
     * @param main the loop that the admission is asked on
     * @param port the service's
     */
    public RelayPort(
            Transport transport, EventLoopGroup main, Pipes pipes, int port, Target target, Admission admission) {
        this.main = main;
        this.pipes = pipes;
        this.port = port;
        this.target = target;
        this.admission = admission;
        this.ports = new Ports(transport);
    }

    /**
     * Listens on all IPv6 addresses. Not on a loop.
     *
     * @param ipv4 on all IPv4 addresses as well
     * @throws IOException with one line: which port, and why not; then it listens on none
     */
    public void bind(boolean ipv4) throws IOException {
        try {
            bind(new byte[16]);
            if (ipv4) {
                bind(new byte[4]);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void bind(byte[] any) throws IOException {
        Bootstrap b = new Bootstrap().group(main).handler(new Acceptor(pipes, this::accepted));
        ports.bind(b, "the relay to " + target, new InetSocketAddress(InetAddress.getByAddress(any), port), true);
    }

    private void accepted(Channel client) {
        if (client.remoteAddress() instanceof InetSocketAddress from
                && client.localAddress() instanceof InetSocketAddress to
                && admission.admits(Ip6Address.of(from.getAddress()), door(to.getAddress()), Protocol.TCP, port)) {
            pipes.join(client, target, Origin.ADMITTED, null);
        } else {
            Pipes.reset(client);
        }
    }

    private static Ip6Address door(InetAddress address) {
        return address instanceof Inet4Address ? Ip6Address.UNSPECIFIED : Ip6Address.of(address);
    }

    /** Where connections go from now on; those that are open stay. From any thread. */
    public void target(Target next) {
        target = next;
    }

    /** Where it listens. */
    public List<InetSocketAddress> addresses() {
        return ports.addresses();
    }

    /** Stops listening; connections that are open stay. Not on a loop. */
    @Override
    public void close() {
        ports.close();
    }
}
