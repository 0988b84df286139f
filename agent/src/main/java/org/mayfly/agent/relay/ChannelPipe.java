package org.mayfly.agent.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Transport;

/** Two of Netty's channels, joined by a handler in each. On the loop of both. */
final class ChannelPipe implements Piped {
    private static final Logger LOG = Logger.getLogger(ChannelPipe.class.getName());

    private final Target target;
    private final @Nullable FirstBytes first;
    private final Transport transport;
    private final Bounds bounds;
    private final Lookup lookup;
    private final Duration patience;
    private final End client;
    private final Queue<ByteBuf> held = new ArrayDeque<>();
    private @Nullable Channel dialed;
    private @Nullable End backend;
    private boolean unreached;
    private boolean over;

    /** What all pipes have in common. */
    record Parts(Transport transport, Bounds bounds, Lookup lookup, Duration patience) {}

    ChannelPipe(Channel client, Target target, @Nullable FirstBytes first, Parts parts) {
        this.client = new End(client);
        this.target = target;
        this.first = first;
        this.transport = parts.transport();
        this.bounds = parts.bounds();
        this.lookup = parts.lookup();
        this.patience = parts.patience();
    }

    void start() {
        if (!bounds.add(this)) {
            over = true;
            cut(client.channel);
            return;
        }
        client.configure();
        client.channel.pipeline().addLast(client);
        client.channel.read();
        InetAddress literal = Lookup.literal(target.host());
        if (literal != null) {
            connect(List.of(literal), 0);
            return;
        }
        lookup.find(
                target, (addresses, failure) -> client.channel.eventLoop().execute(() -> found(addresses, failure)));
    }

    private void found(@Nullable List<InetAddress> addresses, @Nullable IOException failure) {
        if (addresses == null) {
            failed(String.valueOf(failure));
        } else {
            connect(addresses, 0);
        }
    }

    private void connect(List<InetAddress> addresses, int index) {
        if (over) {
            return;
        }
        ChannelFuture connect = new Bootstrap()
                .group(client.channel.eventLoop())
                .channel(transport.client())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) patience.toMillis())
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new InetSocketAddress(addresses.get(index), target.port()));
        dialed = connect.channel();
        connect.addListener(done -> {
            if (done.isSuccess()) {
                connected(connect.channel());
            } else if (index + 1 < addresses.size()) {
                connect(addresses, index + 1);
            } else {
                failed(String.valueOf(done.cause()));
            }
        });
    }

    /** The client is reset, but not before its knock is in: a refusal may be quicker than the client. */
    private void failed(String why) {
        if (!over) {
            LOG.log(Level.FINE, () -> target + " does not take a connection: " + why);
            bounds.failed();
            unreached = true;
            client.channel.eventLoop().schedule(this::reset, DescriptorPipe.GRACE_MILLIS, TimeUnit.MILLISECONDS);
            resetUnlessAwaited();
        }
    }

    private void resetUnlessAwaited() {
        boolean awaited = first != null && first.missing() > 0 && !client.inputOver;
        if (unreached && !awaited) {
            reset();
        }
    }

    private void connected(Channel channel) {
        End other = new End(channel);
        if (over) {
            cut(channel);
            return;
        }
        backend = other;
        other.configure();
        channel.pipeline().addLast(other);
        if (target.proxy() == ProxyHeader.V2
                && client.channel.remoteAddress() instanceof InetSocketAddress from
                && client.channel.localAddress() instanceof InetSocketAddress door) {
            channel.write(ProxyV2.header(from, door), channel.voidPromise());
        }
        while (!held.isEmpty()) {
            channel.write(held.remove(), channel.voidPromise());
        }
        channel.flush();
        if (client.inputOver) {
            other.shut();
        }
        client.resume();
        other.resume();
    }

    /** A direction is over; with the second one all is. */
    private void endIfOver() {
        End other = backend;
        if (other != null && client.outputOver && other.outputOver) {
            over = true;
            bounds.remove(this);
            client.channel.close();
            other.channel.close();
        }
    }

    @Override
    public void reset() {
        if (over) {
            return;
        }
        over = true;
        bounds.remove(this);
        held.forEach(ByteBuf::release);
        held.clear();
        cut(client.channel);
        if (dialed != null) {
            cut(dialed);
        }
    }

    private static void cut(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (RuntimeException e) {
            // It is gone already.
        }
        channel.close();
    }

    /** One of the two. */
    private final class End extends ChannelInboundHandlerAdapter {
        final Channel channel;
        boolean inputOver;
        boolean outputOver;
        private boolean spoke;

        End(Channel channel) {
            this.channel = channel;
        }

        void configure() {
            channel.config().setAutoRead(false);
            channel.config().setOption(ChannelOption.TCP_NODELAY, true);
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }

        private @Nullable End other() {
            return this == client ? backend : client;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            (this == client ? bounds.toTarget : bounds.toClient).add(bytes.readableBytes());
            if (this == client) {
                look(bytes);
            }
            End other = other();
            if (over) {
                bytes.release();
            } else if (other == null) {
                held.add(bytes);
            } else {
                other.channel.write(bytes, other.channel.voidPromise());
            }
        }

        private void look(ByteBuf bytes) {
            if (!spoke) {
                spoke = true;
                bounds.spoke(ChannelPipe.this);
            }
            if (first != null) {
                first.pass(bytes.nioBuffer(), bytes.readableBytes());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            End other = other();
            if (other != null) {
                other.channel.flush();
                resume();
            } else if (first != null && first.missing() > 0) {
                channel.read(); // a knock is heard whatever the target does
            } else {
                resetUnlessAwaited();
            }
        }

        /** Reads on, if what has been read could be handed on. */
        void resume() {
            End other = other();
            channel.config().setAutoRead(other != null && other.channel.isWritable());
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            End other = other();
            if (other != null) {
                other.resume();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !inputOver) {
                inputOver = true;
                End other = other();
                if (other != null) {
                    other.shut();
                } else {
                    resetUnlessAwaited();
                }
            }
        }

        /** Nothing more is sent, when what is waiting has been. */
        void shut() {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (written.isSuccess() && !outputOver) {
                    ((DuplexChannel) channel).shutdownOutput().addListener(done -> {
                        outputOver = true;
                        endIfOver();
                    });
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ChannelPipe.this.reset();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ChannelPipe.this.reset();
        }
    }
}
