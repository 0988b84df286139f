package org.mayfly.agent.relay;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * In the pipeline of a server channel: takes each connection that is accepted. If accept(2) fails, with EMFILE most likely,
 * some make room and nobody is accepted for a moment, lest the loop spin on a connection that it cannot take.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final int PAUSE_MILLIS = 100;
    private static final int ROOM = 64;

    private final Pipes pipes;
    private final Consumer<Channel> taker;

    /** @param taker is given a connection that no loop has yet; called on the loop of the server channel */
    Acceptor(Pipes pipes, Consumer<Channel> taker) {
        this.pipes = pipes;
        this.taker = taker;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel child = (Channel) message;
        try {
            taker.accept(child);
        } catch (RuntimeException e) {
            Pipes.reset(child);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Channel listener = context.channel();
        pipes.makeRoom(ROOM);
        if (listener.config().isAutoRead()) {
            listener.config().setAutoRead(false);
            context.executor().schedule(() -> listener.config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
