package org.mayfly.agent.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.util.concurrent.TimeUnit;

/** Accepts connections that bring one packet each. */
final class TcpListener {
    private static final int PAUSE_SECONDS = 1;

    private TcpListener() {}

    /** One that is not bound yet. */
    static ServerBootstrap of(
            Transport transport, EventLoopGroup loop, int packetLength, PacketSink sink, TcpConnections connections) {
        byte[] whole = new byte[packetLength];
        return new ServerBootstrap()
                .group(loop)
                .channel(transport.server())
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new Failures(connections))
                // Nothing is ever sent that could be lost: a reset leaves no TIME_WAIT behind (tcp(7), socket(7)).
                .childOption(ChannelOption.SO_LINGER, 0)
                // One read is enough; a second one would find the connection closed, which Netty makes an exception of.
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(packetLength).maxMessagesPerRead(1))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new TcpKnocks(whole, sink, connections));
                    }
                });
    }

    /**
     * accept(2) fails, with EMFILE most likely: some make room, or nobody is accepted for a while, lest the loop spin on
     * a connection that it cannot take.
     */
    private static final class Failures extends ChannelInboundHandlerAdapter {
        private final TcpConnections connections;

        Failures(TcpConnections connections) {
            this.connections = connections;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Channel listener = context.channel();
            if (!connections.acceptFailed() && listener.config().isAutoRead()) {
                listener.config().setAutoRead(false);
                context.executor().schedule(() -> listener.config().setAutoRead(true), PAUSE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
