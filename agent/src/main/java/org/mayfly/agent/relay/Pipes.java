package org.mayfly.agent.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Transport;

/**
 * Connections that are handed on to a target, byte for byte and in both directions: a half that is over is over on the other
 * side as well, a reset is a reset there, and who does not read is not read for. They have a loop of their own.
 */
public final class Pipes implements AutoCloseable {
    private final Transport transport;
    private final MultiThreadIoEventLoopGroup loop;
    private final Duration patience;
    private final Bounds bounds;
    private final Lookup lookup = new Lookup();
    private final DescriptorPipe.Parts parts;

    /** @param limit connections at a time; who finds no room is reset */
    public Pipes(Transport transport, int limit) {
        this(transport, limit, Dialing.PATIENCE);
    }

    /** @param patience with a target that does not answer */
    Pipes(Transport transport, int limit, Duration patience) {
        this.patience = patience;
        this.transport = transport;
        this.loop = transport.loop("mayfly-relay");
        this.bounds = new Bounds(limit);
        this.parts = new DescriptorPipe.Parts(bounds, lookup, new Dialing(patience), new Direction.Shared());
        // A thread is of the network namespace of the one that starts it, and so are its sockets.
        loop.submit(() -> {}).awaitUninterruptibly();
    }

    /** One thread, which does nothing else. */
    public EventLoopGroup loop() {
        return loop;
    }

    /**
     * Connects to the target and hands on what comes, until both directions are over. From any thread.
     *
     * @param client accepted, and registered with no loop yet (as a server channel hands it to its pipeline), or with
     *     {@link #loop}; nothing has been read from it. It belongs to this from now on
     */
    public void join(Channel client, Target target) {
        join(client, target, null);
    }

    void join(Channel client, Target target, @Nullable FirstBytes first) {
        if (client.isRegistered() && !client.eventLoop().inEventLoop()) {
            client.eventLoop().execute(() -> join(client, target, first));
            return;
        }
        if (!client.isRegistered() && client instanceof EpollSocketChannel accepted) {
            loop.execute(() -> pipe(accepted, target, first).start());
            return;
        }
        ChannelPipe pipe =
                new ChannelPipe(client, target, first, new ChannelPipe.Parts(transport, bounds, lookup, patience));
        if (client.isRegistered()) {
            pipe.start();
            return;
        }
        client.config().setAutoRead(false);
        loop.register(client).addListener(done -> {
            if (done.isSuccess()) {
                pipe.start();
            } else {
                reset(client);
            }
        });
    }

    /** Nothing but the socket is used of the channel. */
    private DescriptorPipe pipe(EpollSocketChannel client, Target target, @Nullable FirstBytes first) {
        boolean told = target.proxy() != ProxyHeader.NONE;
        return new DescriptorPipe(
                loop.next(),
                parts,
                (Socket) client.fd(),
                target,
                told ? client.remoteAddress() : null,
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

    /** Connections at a time, from now on. Those that are open stay. */
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
