package org.mayfly.agent.relay;

import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.nio.ByteBuffer;
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
    private final int packetLength;
    private byte @Nullable [] packet;
    private int length;

    /** @param loop the one that the sink is called on */
    FirstBytes(EventLoopGroup loop, PacketSink sink, int packetLength, InetAddress source) {
        this.loop = loop;
        this.sink = sink;
        this.packetLength = packetLength;
        this.source = source;
    }

    /** How many bytes are still to come. */
    int missing() {
        return packetLength - length;
    }

    /** Copies what it needs of the first {@code n} bytes of the buffer, which pass. */
    void pass(ByteBuffer bytes, int n) {
        int taken = Math.min(n, missing());
        if (taken == 0) {
            return;
        }
        byte[] into = packet;
        if (into == null) {
            into = new byte[packetLength]; // of one that never sends anything nothing is kept
        }
        bytes.get(0, into, length, taken);
        length += taken;
        packet = into;
        if (length == packetLength) {
            byte[] whole = into;
            packet = null;
            loop.execute(() -> Source.deliver(sink, whole, whole.length, source));
        }
    }
}
