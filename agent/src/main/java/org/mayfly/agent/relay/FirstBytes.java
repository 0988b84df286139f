package org.mayfly.agent.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.PacketSink;
import org.mayfly.agent.net.Source;

/**
 * Looks at the first bytes that a client sends, whatever becomes of them: when as many are in as a packet has they are
 * handed to the knock check. The connection notices nothing of it.
 */
final class FirstBytes {
    private final EventLoopGroup loop;
    private final PacketSink sink;
    private final InetAddress source;
    private byte @Nullable [] packet;
    private int length;

    /** @param loop the one that the sink is called on */
    FirstBytes(EventLoopGroup loop, PacketSink sink, int packetLength, InetAddress source) {
        this.loop = loop;
        this.sink = sink;
        this.source = source;
        this.packet = new byte[packetLength];
    }

    /** How many bytes are still to come. */
    int missing() {
        byte[] into = packet;
        return into == null ? 0 : into.length - length;
    }

    /** Copies what it needs of bytes that pass, and leaves the buffer as it was. */
    void pass(ByteBuf bytes) {
        byte[] into = packet;
        if (into == null) {
            return;
        }
        int n = Math.min(bytes.readableBytes(), into.length - length);
        bytes.getBytes(bytes.readerIndex(), into, length, n);
        length += n;
        if (length == into.length) {
            packet = null;
            loop.execute(() -> Source.deliver(sink, into, into.length, source));
        }
    }
}
