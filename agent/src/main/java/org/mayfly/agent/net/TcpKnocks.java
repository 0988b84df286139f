package org.mayfly.agent.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a connection are a packet. Whatever it was worth, nothing is sent and the connection is closed;
 * so is one that has not brought a packet in time, or has to make room.
 */
final class TcpKnocks extends ChannelInboundHandlerAdapter {
    private final byte[] whole;
    private final PacketSink sink;
    private final TcpConnections connections;
    private @Nullable Channel channel;
    private long network;
    private long deadline;

    /** What is in of a packet that comes in pieces. */
    private byte @Nullable [] part;

    private int length;

    /** @param whole as long as a packet; shared by all, for none needs it longer than a call */
    TcpKnocks(byte[] whole, PacketSink sink, TcpConnections connections) {
        this.whole = whole;
        this.sink = sink;
        this.connections = connections;
    }

    long network() {
        return network;
    }

    long deadline() {
        return deadline;
    }

    void close() {
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        InetAddress from = from(channel);
        if (from == null) {
            close(); // gone already
            return;
        }
        network = Source.of(from).network();
        deadline = connections.deadline();
        connections.add(this, context.executor());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connections.remove(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (length < whole.length) {
                read(context.channel(), bytes);
            }
        } finally {
            bytes.release();
        }
    }

    private void read(Channel from, ByteBuf bytes) {
        int n = Math.min(bytes.readableBytes(), whole.length - length);
        byte[] into = part;
        if (into == null) {
            into = n == whole.length ? whole : new byte[whole.length];
            part = into == whole ? null : into;
        }
        bytes.readBytes(into, length, n);
        length += n;
        if (length == whole.length) {
            InetAddress source = from(from);
            connections.remove(this);
            from.close();
            if (source != null) {
                Source.deliver(sink, into, length, source);
            }
        }
    }

    private static @Nullable InetAddress from(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress a ? a.getAddress() : null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
