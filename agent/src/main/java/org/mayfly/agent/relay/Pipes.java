package org.mayfly.agent.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Source;
import org.mayfly.agent.net.Transport;

/**
 * Connections that are handed on to a target, byte for byte and in both directions: a half that is over is over on the other
 * side as well, a reset is a reset there, and who does not read is not read for. They have a loop of their own.
 */
public final class Pipes implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop;
    private final Bounds bounds;
    private final Lookup lookup = new Lookup();
    private final DescriptorPipe.Parts parts;

    /** @param limit connections at a time, of each {@link Origin} */
    public Pipes(Transport transport, int limit) {
        this(transport, limit, Dialing.PATIENCE);
    }

    /** @param patience with a target that does not answer */
    Pipes(Transport transport, int limit, Duration patience) {
        this.loop = transport.loop("mayfly-relay");
        this.bounds = new Bounds(limit);
        this.parts =
                new DescriptorPipe.Parts(bounds, lookup, new Dialing(patience), new Direction.Shared(), new Seldom());
        // A thread is of the network namespace of the one that starts it, and so are its sockets.
        loop.submit(() -> {}).awaitUninterruptibly();
    }

    /** One thread, which does nothing else. */
    public EventLoopGroup loop() {
        return loop;
    }

    /** As {@link #join(Channel, Target, Origin, FirstBytes)}, for what is translated. */
    void join(Channel client, Target target) {
        join(client, target, Origin.TRANSLATED, null);
    }

    /**
     * Connects to the target and hands on what comes, until both directions are over. From any thread.
     *
     * @param client accepted by the native transport, and registered with no loop yet (as a server channel hands it to its
     *     pipeline); nothing has been read from it. It belongs to this from now on
     * @param first looks at what the client sends
     */
    void join(Channel client, Target target, Origin origin, @Nullable FirstBytes first) {
        if (!(client instanceof EpollSocketChannel accepted) || client.isRegistered()) {
            throw new IllegalArgumentException("not of the native transport, or of a loop already: " + client);
        }
        loop.execute(() -> pipe(accepted, target, origin, first).start());
    }

    /** Nothing but the socket is used of the channel. */
    private DescriptorPipe pipe(EpollSocketChannel client, Target target, Origin origin, @Nullable FirstBytes first) {
        boolean told = target.proxy() != ProxyHeader.NONE;
        InetSocketAddress from = client.remoteAddress();
        long network = from == null ? 0 : Source.of(from.getAddress()).network();
        return new DescriptorPipe(
                loop.next(),
                parts,
                (Socket) client.fd(),
                target,
                new DescriptorPipe.Client(origin, network),
                told ? from : null,
                told ? client.localAddress() : null,
                first);
    }

    /** Closes a connection that nobody has taken, in the way that tells the client at once. */
    static void reset(Channel client) {
        try {
            client.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (RuntimeException e) {
            // It is gone already, which is what was wanted.
        }
        client.unsafe().closeForcibly();
    }

    /** Some make room, as a descriptor is wanted. */
    void makeRoom(int most) {
        loop.execute(() -> {
            for (int i = 0; i < most && bounds.evict(); i++) {}
        });
    }

    /** From any thread. */
    public PipeCounts counts() {
        return bounds.counts();
    }

    /** Connections at a time, of each {@link Origin}, from now on. Those that are open stay. */
    public void limit(int most) {
        bounds.limit(most);
    }

    /** Resets all that is open. */
    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        loop.submit(() -> {
                    bounds.resetAll();
                    parts.shared().pipes.close();
                })
                .awaitUninterruptibly();
        lookup.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
