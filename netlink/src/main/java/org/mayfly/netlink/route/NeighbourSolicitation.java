package org.mayfly.netlink.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What a host asks a neighbour by, and tells it along with that where it is itself on the link: whoever gets it, and is
 * the one that was asked for, remembers the sender, also if it had not heard of it before ({@code ndisc_recv_ns} in
 * {@code net/ipv6/ndisc.c}). So it is the way to be known before anybody has asked.
 *
 * <pre>
 *  | type 135 | code 0 | checksum, the kernel's          |
 *  | reserved                                            |
 *  | target, 16 bytes                                    |
 *  | option 1 | length in 8 bytes | source, padded to 8  |
 * </pre>
 *
 * <p>Source: RFC 4861, 4.3 and 4.6.1.
 *
 * @param target the IPv6 address that is asked for
 * @param source where the sender is on the link; {@link LinkLayerAddress#NONE} leaves the option out
 */
public record NeighbourSolicitation(InetAddress target, LinkLayerAddress source) {
    private static final int TYPE = 135;
    private static final int OPTION_SOURCE = 1;
    private static final int HEADER = 24;
    private static final int OPTION_HEADER = 2;
    private static final int UNIT = 8;

    /** The length of an option is one byte. */
    private static final int LONGEST = 255 * UNIT - OPTION_HEADER;

    public NeighbourSolicitation {
        if (!(target instanceof Inet6Address)) {
            throw new IllegalArgumentException(target.getHostAddress() + " is not an IPv6 address");
        }
        if (source.bytes().length() > LONGEST) {
            throw new IllegalArgumentException(
                    "an option has no room for an address of " + source.bytes().length() + " bytes");
        }
    }

    /** The message from its type on, with a checksum of 0. */
    public byte[] toBytes() {
        int length = source.bytes().length();
        int units = length == 0 ? 0 : (OPTION_HEADER + length + UNIT - 1) / UNIT;
        ByteBuffer b = ByteBuffer.allocate(HEADER + units * UNIT);
        b.put(0, (byte) TYPE).put(UNIT, target.getAddress());
        if (units > 0) {
            b.put(HEADER, (byte) OPTION_SOURCE).put(HEADER + 1, (byte) units);
            b.put(HEADER + OPTION_HEADER, source.bytes().toArray());
        }
        return b.array();
    }
}
