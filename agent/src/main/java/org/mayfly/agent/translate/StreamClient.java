package org.mayfly.agent.translate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/** A connection that brings queries, several at a time if the client likes, answered as they come (RFC 7766, 6.2.1). */
final class StreamClient extends SimpleChannelInboundHandler<ByteBuf> {
    /** Queries of one connection that may wait; the next is not read before one is answered, and that answer is sent. */
    private static final int MOST_WAITING = 16;

    /** Of a connection that brings nothing (RFC 7766, 6.2.3: a few seconds). */
    static final int IDLE_SECONDS = 10;

    private final Forwarder forwarder;
    private final StreamClients clients;
    private Ip6Address source = Ip6Address.UNSPECIFIED;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> idle;
    private int waiting;

    StreamClient(Forwarder forwarder, StreamClients clients) {
        this.forwarder = forwarder;
        this.clients = clients;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        if (active.channel().remoteAddress() instanceof InetSocketAddress a) {
            source = Ip6Address.of(a.getAddress());
        }
        if (!forwarder.admits(source)) {
            active.close();
            return;
        }
        clients.add(this);
        await(active);
    }

    void close() {
        if (context != null) {
            context.close();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext from, ByteBuf frame) {
        if (idle != null) {
            idle.cancel(false);
        }
        waiting++;
        from.channel().config().setAutoRead(waiting < MOST_WAITING);
        boolean taken = forwarder.take(ByteBufUtil.getBytes(frame), source, true, answer -> answer(from, answer));
        if (!taken) {
            from.close(); // no query: there is no telling what it is
        }
    }

    private void answer(ChannelHandlerContext to, byte[] answer) {
        to.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(sent -> {
            waiting--;
            to.channel().config().setAutoRead(waiting < MOST_WAITING);
            if (waiting == 0) {
                await(to);
            }
        });
    }

    private void await(ChannelHandlerContext on) {
        if (on.channel().isActive()) {
            idle = on.executor().schedule(() -> on.close(), IDLE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        clients.remove(this);
        if (idle != null) {
            idle.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        from.close();
    }
}
