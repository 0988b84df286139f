package org.mayfly.agent.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** The two words of an address, IPv4 in its mapped form (RFC 4291, 2.5.5.2). */
final class Source {
    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    private Source() {}

    static void deliver(PacketSink sink, byte[] packet, int length, InetAddress from) {
        ByteBuffer b = ByteBuffer.wrap(from.getAddress());
        if (b.capacity() == 4) {
            sink.packet(packet, length, 0, IPV4_MAPPED | Integer.toUnsignedLong(b.getInt(0)));
        } else {
            sink.packet(packet, length, b.getLong(0), b.getLong(8));
        }
    }
}
