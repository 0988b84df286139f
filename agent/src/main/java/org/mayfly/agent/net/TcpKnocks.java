package org.mayfly.agent.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a connection are a packet. Whatever it was worth, nothing is sent and the connection is closed;
 * so is one that has not brought a packet in time.
 */
final class TcpKnocks extends ChannelInboundHandlerAdapter {
    private static final int SECONDS = 5;

    /** How many connections are open on one listener. Only the event loop touches it. */
    static final class Limit {
        private static final int CONNECTIONS = 1024;
        private int open;
    }

    private final byte[] packet;
    private final PacketSink sink;
    private final Limit limit;
    private int length;
    private @Nullable Future<?> timeout;

    TcpKnocks(int packetLength, PacketSink sink, Limit limit) {
        this.packet = new byte[packetLength];
        this.sink = sink;
        this.limit = limit;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (++limit.open > Limit.CONNECTIONS) {
            context.close();
        } else {
            timeout = context.executor().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        limit.open--;
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (length == packet.length) {
                return; // the packet is in, the connection is being closed
            }
            int n = Math.min(bytes.readableBytes(), packet.length - length);
            bytes.readBytes(packet, length, n);
            length += n;
            if (length == packet.length) {
                InetSocketAddress from = (InetSocketAddress) context.channel().remoteAddress();
                Source.deliver(sink, packet, length, from.getAddress());
                context.close();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
