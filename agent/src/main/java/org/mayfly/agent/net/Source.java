package org.mayfly.agent.net;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/** The two words of an address, IPv4 in its mapped form (RFC 4291, 2.5.5.2). */
public record Source(long high, long low) {
    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    /** Of IPv4 or IPv6. */
    public static Source of(InetAddress address) {
        ByteBuffer b = ByteBuffer.wrap(address.getAddress());
        return b.capacity() == 4
                ? new Source(0, IPV4_MAPPED | Integer.toUnsignedLong(b.getInt(0)))
                : new Source(b.getLong(0), b.getLong(8));
    }

    /** Hands on a packet that is a burst of its own. On the loop that the sink is called on. */
    public static void deliver(PacketSink sink, byte[] packet, int length, InetAddress from) {
        Source source = of(from);
        sink.packet(packet, 0, length, source.high, source.low);
        sink.burstOver();
    }

    /**
     * The network it is in, as one word: the /64 of IPv6, which is what one subscriber has at the least, or the one address
     * of IPv4.
     */
    public long network() {
        return high == 0 ? low : high; // of ::/64 nothing but mapped IPv4 and loopback is ever a source
    }
}
