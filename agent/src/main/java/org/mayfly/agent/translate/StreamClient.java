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
    /** While so many queries of one connection wait, no more is read from it: for answers, or for the client to take them. */
    private static final int MOST_WAITING = 16;

    /** Of a connection that brings nothing (RFC 7766, 6.2.3: a few seconds). */
    private static final int IDLE_SECONDS = 10;

    /** Of a connection whose answers do not come or are not taken: longer than any answer can take. */
    private static final int STALLED_SECONDS = 30;

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
        await(active, IDLE_SECONDS);
    }

    void close() {
        if (context != null) {
            context.close();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext from, ByteBuf frame) {
        waiting++;
        changed(from);
        boolean taken = forwarder.take(ByteBufUtil.getBytes(frame), source, true, answer -> answer(from, answer));
        if (!taken) {
            from.close(); // no query: there is no telling what it is
        }
    }

    private void answer(ChannelHandlerContext to, byte[] answer) {
        to.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(sent -> {
            waiting--;
            changed(to);
        });
    }

    private void changed(ChannelHandlerContext on) {
        on.channel().config().setAutoRead(waiting < MOST_WAITING);
        await(on, waiting == 0 ? IDLE_SECONDS : STALLED_SECONDS);
    }

    private void await(ChannelHandlerContext on, int seconds) {
        if (idle != null) {
            idle.cancel(false);
        }
        if (on.channel().isActive()) {
            idle = on.executor().schedule(() -> on.close(), seconds, TimeUnit.SECONDS);
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
