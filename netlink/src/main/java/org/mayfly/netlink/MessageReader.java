package org.mayfly.netlink;

import java.nio.ByteBuffer;

/**
 * Walks the messages between 0 and the limit of a buffer that was received. One reader serves for ever: what it says
 * holds until the next {@link #next}.
 *
 * <p>A message that claims more than there is, or less than a header, throws {@link MalformedMessageException}. Source:
 * {@code linux/netlink.h}, netlink(3). Allocates nothing.
 */
public final class MessageReader {
    private static final int TYPE_OFFSET = 4;
    private static final int FLAGS_OFFSET = 6;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int PORT_ID_OFFSET = 12;

    private static final int NOTHING = -1;

    private final ByteBuffer buffer;
    private int start;
    private int next = NOTHING;

    /**
     * @param buffer in host byte order
     */
    public MessageReader(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    /** Goes to the start of the buffer, which has been filled. */
    public void reset() {
        start = 0;
        next = 0;
    }

    /** Forgets what is left: {@link #next} finds nothing until the {@link #reset} to come. */
    public void drop() {
        next = NOTHING;
    }

    /** Moves on to the next message; false at the end. */
    public boolean next() {
        int left = next == NOTHING ? 0 : buffer.limit() - next;
        if (left == 0) {
            return false;
        }
        int claimed = left < MessageWriter.HEADER ? 0 : buffer.getInt(next);
        if (claimed < MessageWriter.HEADER || claimed > left) {
            int at = next;
            drop(); // what follows cannot be found
            throw new MalformedMessageException("a message claims " + claimed + " of " + left + " bytes", at);
        }
        start = next;
        next += Math.min(left, claimed + 3 & ~3);
        return true;
    }

    /** {@code nlmsg_type}. */
    public int type() {
        return type(buffer, start);
    }

    /** {@code nlmsg_type} of the message whose header begins there. */
    static int type(ByteBuffer b, int message) {
        return Short.toUnsignedInt(b.getShort(message + TYPE_OFFSET));
    }

    /** {@code nlmsg_flags}. */
    public int flags() {
        return Short.toUnsignedInt(buffer.getShort(start + FLAGS_OFFSET));
    }

    /** {@code nlmsg_seq}. */
    public int sequence() {
        return buffer.getInt(start + SEQUENCE_OFFSET);
    }

    /** {@code nlmsg_pid}: of an event, the port id of whose request caused it; 0 if it was the kernel's own doing. */
    public int portId() {
        return buffer.getInt(start + PORT_ID_OFFSET);
    }

    /** Where the payload begins. */
    public int offset() {
        return start + MessageWriter.HEADER;
    }

    /** Bytes of the payload, padding not counted. */
    public int length() {
        return buffer.getInt(start) - MessageWriter.HEADER;
    }
}
