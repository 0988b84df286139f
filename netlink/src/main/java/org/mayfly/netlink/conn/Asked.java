package org.mayfly.netlink.conn;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.ExtendedAck;
import org.mayfly.netlink.MessageReader;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.Vocabulary;

/** What was asked of the kernel last, and how it is told what went wrong with it. */
final class Asked {
    /** {@code nlmsg_type} in a header. */
    private static final int TYPE_OFFSET = 4;

    private final Vocabulary vocabulary;

    /** The messages, as they were sent. */
    private ByteBuffer sent;

    /** What they are for, if they are a batch. */
    private @Nullable String batch;

    /**
     * @param nothing stands for what was sent until something is
     */
    Asked(Vocabulary vocabulary, ByteBuffer nothing) {
        this.vocabulary = vocabulary;
        this.sent = nothing;
    }

    /**
     * @param operation what a batch is for; null for a single request
     */
    void begin(@Nullable String operation, ByteBuffer messages) {
        batch = operation;
        sent = messages;
    }

    /** As an error says it. */
    String operation() {
        return batch != null ? batch : name(0);
    }

    private String name(int message) {
        return vocabulary.name(Short.toUnsignedInt(sent.getShort(message + TYPE_OFFSET)));
    }

    /** It was not the kernel that refused. */
    NetlinkException failure(int errno, String why, int sequence) {
        return new NetlinkException(operation(), errno, why, sequence);
    }

    /**
     * The refusal on which the reader stands.
     *
     * @param answered the sequence number of the message that was refused
     * @param first that of the first message
     */
    NetlinkException refusal(ByteBuffer in, MessageReader reader, int answered, int first) {
        ExtendedAck ack = ExtendedAck.read(in, reader);
        int message = 0;
        for (int i = first; i != answered; i++) {
            message += sent.getInt(message);
        }
        String path = vocabulary.path(sent, message, ack);
        if (message > 0) {
            path = path.isEmpty() ? name(message) : name(message) + "/" + path;
        }
        return new NetlinkException(operation(), ack, path, answered, answered - first);
    }
}
