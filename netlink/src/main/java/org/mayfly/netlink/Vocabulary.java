package org.mayfly.netlink;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a family calls its messages: errors are told in these words. */
@FunctionalInterface
public interface Vocabulary {
    /** Of a family about which nothing is known: its errors have numbers. */
    Vocabulary NONE = type -> null;

    /**
     * @param type {@code nlmsg_type}
     * @return null if there is no such message, or nobody has named it here
     */
    @Nullable
    MessageKind kind(int type);

    /** What a message is called: {@code RTM_NEWADDR}, or {@code message type 20}. */
    default String name(int type) {
        MessageKind kind = kind(type);
        return kind == null ? "message type " + type : kind.name();
    }

    /**
     * Which attribute of a request an acknowledgement is about.
     *
     * @param b holds the request as it was sent
     * @param message where its header begins
     * @return {@code IFLA_LINKINFO/IFLA_INFO_KIND}; empty if that cannot be told
     */
    default String path(ByteBuffer b, int message, ExtendedAck ack) {
        MessageKind kind = kind(MessageReader.type(b, message));
        return kind == null ? "" : kind.path(b, message, ack);
    }
}
