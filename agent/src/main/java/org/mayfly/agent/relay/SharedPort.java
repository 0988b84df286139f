package org.mayfly.agent.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.mayfly.agent.net.PacketSink;
import org.mayfly.agent.net.Transport;

/**
 * A TCP port that knocks come in by, and that is another server's to everybody else: each connection goes to the target at
 * once, and all its bytes do, those of a knock as well; so nobody can tell from outside that somebody listens in.
 */
public final class SharedPort implements AutoCloseable {
    private final EventLoopGroup main;
    private final Pipes pipes;
    private final int packetLength;
    private final PacketSink sink;
    private final Ports ports;
    private volatile Target target;

    /**
     * @param main the loop that the sink is called on
     * @param target the other server
     * @param packetLength bytes of a packet; so many from the beginning of a connection are handed to the sink
     */
    public SharedPort(
            Transport transport, EventLoopGroup main, Pipes pipes, Target target, int packetLength, PacketSink sink) {
        this.main = main;
        this.pipes = pipes;
        this.target = target;
        this.packetLength = packetLength;
        this.sink = sink;
        this.ports = new Ports(transport);
    }

    /**
     * {@code [::]} takes IPv4 as well. Not on a loop.
     *
     * @throws IOException with one line: which port, and why not
     */
    public void bind(InetSocketAddress address) throws IOException {
        // On the pipes' loop: what comes in by the thousand does not hold up the knocks that come by UDP.
        Bootstrap b = new Bootstrap().group(pipes.loop()).handler(new Acceptor(pipes, this::accepted));
        ports.bind(b, "knocks and " + target, address, false);
    }

    private void accepted(Channel client) {
        if (client.remoteAddress() instanceof InetSocketAddress from) {
            pipes.join(client, target, Origin.STRANGER, new FirstBytes(main, sink, packetLength, from.getAddress()));
        } else {
            Pipes.reset(client); // gone already
        }
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
