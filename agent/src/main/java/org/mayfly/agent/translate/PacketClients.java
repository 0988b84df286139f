package org.mayfly.agent.translate;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.mayfly.knock.Ip6Address;

/** Queries over UDP. */
final class PacketClients extends SimpleChannelInboundHandler<DatagramPacket> {
    private final Forwarder forwarder;

    PacketClients(Forwarder forwarder) {
        this.forwarder = forwarder;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        InetSocketAddress sender = packet.sender();
        Ip6Address source = Ip6Address.of(sender.getAddress());
        if (sender.getPort() != 0 && forwarder.admits(source)) {
            byte[] query = ByteBufUtil.getBytes(packet.content());
            forwarder.take(
                    query,
                    source,
                    false,
                    answer -> context.writeAndFlush(
                            new DatagramPacket(Unpooled.wrappedBuffer(answer), sender), context.voidPromise()));
        }
    }

    /** An ICMP error for an answer that nobody waits for any more. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
}
