package org.mayfly.agent.translate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;

/** Reads what a resolver sends, until it is the answer or the connection is over. */
final class AnswerReader extends SimpleChannelInboundHandler<Object> {
    /** Looks at a message. */
    @FunctionalInterface
    interface Judge {
        /** Whether it ends the wait. */
        boolean takes(byte[] message);
    }

    private final Judge judge;
    private final Runnable closed;
    private boolean over;

    /** @param closed called once, when nothing will come any more */
    AnswerReader(Judge judge, Runnable closed) {
        this.judge = judge;
        this.closed = closed;
    }

    void over() {
        if (!over) {
            over = true;
            closed.run();
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = message instanceof DatagramPacket p ? p.content() : (ByteBuf) message;
        if (judge.takes(ByteBufUtil.getBytes(bytes))) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        over();
    }

    /** An ICMP error, a reset, a frame too long. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
