package org.mayfly.agent.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;

/** A datagram is a packet. */
final class UdpKnocks extends SimpleChannelInboundHandler<DatagramPacket> {
    private final byte[] packet;
    private final PacketSink sink;

    UdpKnocks(int packetLength, PacketSink sink) {
        this.packet = new byte[packetLength];
        this.sink = sink;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
        ByteBuf content = datagram.content();
        int length = content.readableBytes();
        content.readBytes(packet, 0, Math.min(length, packet.length));
        Source.deliver(sink, packet, length, datagram.sender().getAddress());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An ICMP error that came back for something else of this host; a datagram socket goes on.
    }
}
