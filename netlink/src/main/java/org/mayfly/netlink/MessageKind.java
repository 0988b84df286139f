package org.mayfly.netlink;

import java.nio.ByteBuffer;

/**
 * What a family's messages of one type are like.
 *
 * @param name as the kernel's header has it: {@code RTM_NEWADDR}
 * @param header bytes of the structure before the attributes
 * @param attributes what they are called
 */
public record MessageKind(String name, int header, AttributeNames attributes) {
    /**
     * Which attribute an acknowledgement is about, or which one it misses.
     *
     * @param b holds the request as it was sent
     * @param message where its header begins
     * @return {@code IFLA_LINKINFO/IFLA_INFO_KIND}; empty if that cannot be told
     */
    String path(ByteBuffer b, int message, ExtendedAck ack) {
        int start = message + MessageWriter.HEADER + (header + 3 & ~3);
        int end = message + b.getInt(message);
        try {
            if (ack.missing() >= 0) {
                return attributes.missing(b, start, end, message + ack.offset(), ack.missing());
            }
            return ack.offset() == 0 ? "" : attributes.path(b, start, end, message + ack.offset());
        } catch (MalformedMessageException e) {
            return ""; // what somebody had us write is no attribute: the kernel's error is what matters
        }
    }
}
