package org.mayfly.netlink;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes netlink messages one after another into a direct buffer that is used again and again.
 *
 * <pre>
 *  0               4       6       8               12              16
 * +---------------+-------+-------+---------------+---------------+----------------
 * | nlmsg_len     | type  | flags | nlmsg_seq     | nlmsg_pid     | payload, padded to 4
 * +---------------+-------+-------+---------------+---------------+----------------
 *                                  attribute:  | nla_len | nla_type | value, padded to 4
 * </pre>
 *
 * <p>Numbers are in host byte order, as rtnetlink has them; the methods named {@code be…} write network order, as
 * nfnetlink wants it. A codec is a straight list of calls: {@link #begin}, a fixed header, attributes, {@link #end}.
 * What does not fit throws {@link java.nio.BufferOverflowException} and leaves the buffer to be {@link #reset} or
 * {@link #rollback rolled back}.
 *
 * <p>Source: {@code linux/netlink.h}, netlink(7). Not thread-safe. Allocates nothing after construction, except for a
 * {@link String} that is not of ASCII alone, and for an address that is not the one before.
 */
public final class MessageWriter {
    /** Bytes of {@code struct nlmsghdr}. */
    public static final int HEADER = 16;

    /** Bytes of {@code struct nlattr}. */
    public static final int ATTRIBUTE_HEADER = 4;

    /** The most bytes of an attribute, its header included: {@code nla_len} has 16 bits. */
    public static final int MAX_ATTRIBUTE = 0xffff;

    /** {@code NLA_F_NESTED}. */
    public static final int NLA_F_NESTED = 0x8000;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final ByteBuffer buffer;
    private int message = -1;
    private @Nullable InetAddress inet;
    private byte[] inetBytes = {};

    /**
     * @param capacity bytes that all messages together may take
     */
    public MessageWriter(int capacity) {
        this.buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
    }

    /** Forgets everything written. */
    public MessageWriter reset() {
        buffer.clear();
        message = -1;
        return this;
    }

    /** Bytes written so far: what {@link #rollback} goes back to. */
    public int length() {
        return buffer.position();
    }

    /**
     * Drops what was written after {@code length}, an open message included if it began there or later.
     *
     * @param length an earlier result of {@link #length} taken between two messages, or between two attributes
     */
    public void rollback(int length) {
        buffer.limit(buffer.capacity()).position(length);
        if (length <= message) {
            message = -1;
        }
    }

    /**
     * The buffer itself: the messages stand between 0 and {@link #length}. The connection sends from it and fills in
     * sequence numbers; nobody else writes to it.
     */
    public ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Starts a message. Sequence number and port id stay 0 until the connection sends it.
     *
     * @param type {@code nlmsg_type}
     * @param flags {@code NLM_F_*}
     */
    public MessageWriter begin(int type, int flags) {
        if (message >= 0) {
            throw new IllegalStateException("the message before this one was not ended");
        }
        message = buffer.position();
        buffer.putInt(0)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(0)
                .putInt(0);
        return this;
    }

    /** Ends the message: pads it to 4 bytes and fills in its length. */
    public void end() {
        pad();
        buffer.putInt(message, buffer.position() - message);
        message = -1;
    }

    public MessageWriter u8(int value) {
        buffer.put((byte) value);
        return this;
    }

    public MessageWriter u16(int value) {
        buffer.putShort((short) value);
        return this;
    }

    public MessageWriter u32(int value) {
        buffer.putInt(value);
        return this;
    }

    public MessageWriter u64(long value) {
        buffer.putLong(value);
        return this;
    }

    public MessageWriter be16(int value) {
        buffer.putShort(LITTLE ? Short.reverseBytes((short) value) : (short) value);
        return this;
    }

    public MessageWriter be32(int value) {
        buffer.putInt(LITTLE ? Integer.reverseBytes(value) : value);
        return this;
    }

    public MessageWriter be64(long value) {
        buffer.putLong(LITTLE ? Long.reverseBytes(value) : value);
        return this;
    }

    public MessageWriter bytes(byte[] value) {
        buffer.put(value);
        return this;
    }

    public MessageWriter zeros(int count) {
        for (int i = 0; i < count; i++) {
            buffer.put((byte) 0);
        }
        return this;
    }

    /** Zero bytes up to the next multiple of 4 ({@code NLA_ALIGNTO}, {@code NLMSG_ALIGNTO}). */
    public MessageWriter pad() {
        return zeros(-buffer.position() & 3);
    }

    /** An attribute without a value: its presence is what it says. */
    public MessageWriter flag(int type) {
        endNest(open(type));
        return this;
    }

    public MessageWriter attrU8(int type, int value) {
        int at = open(type);
        u8(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrU16(int type, int value) {
        int at = open(type);
        u16(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrU32(int type, int value) {
        int at = open(type);
        u32(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrBe16(int type, int value) {
        int at = open(type);
        be16(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrBe32(int type, int value) {
        int at = open(type);
        be32(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrBe64(int type, long value) {
        int at = open(type);
        be64(value);
        endNest(at);
        return this;
    }

    public MessageWriter attrBytes(int type, byte[] value) {
        int at = open(type);
        bytes(value);
        endNest(at);
        return this;
    }

    /** An address: 4 or 16 bytes. The JDK gives them away as a copy only; the last one is kept, to be written again. */
    @SuppressWarnings("ReferenceEquality") // of equal ones another copy is made: no harm
    public MessageWriter attrInet(int type, InetAddress value) {
        if (value != inet) {
            inetBytes = value.getAddress();
            inet = value;
        }
        return attrBytes(type, inetBytes);
    }

    /** A string with its terminating zero ({@code NLA_NUL_STRING}, and what the kernel takes for {@code NLA_STRING}). */
    public MessageWriter attrString(int type, String value) {
        int at = open(type);
        text(value).u8(0);
        endNest(at);
        return this;
    }

    /** The bytes of a name, which has no zero in it. */
    public static byte[] utf8(String value) {
        if (value.indexOf(0) >= 0) {
            throw new IllegalArgumentException("a zero in " + value.replace('\0', '?'));
        }
        return value.getBytes(StandardCharsets.UTF_8);
    }

    /** In UTF-8, without a copy as long as it is ASCII: names of tables and interfaces are. */
    private MessageWriter text(String value) {
        int start = buffer.position();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == 0) { // the kernel would read the name up to there, which is another one
                throw new IllegalArgumentException("a zero in " + value.replace('\0', '?'));
            }
            if (c >= 0x80) {
                buffer.position(start);
                return bytes(utf8(value));
            }
            buffer.put((byte) c);
        }
        return this;
    }

    /**
     * Starts a nested attribute ({@code NLA_F_NESTED} is added).
     *
     * @return what {@link #endNest} wants
     */
    public int nest(int type) {
        return open(type | NLA_F_NESTED);
    }

    /**
     * Ends an attribute: fills in its length, then pads.
     *
     * @throws IllegalArgumentException if it is longer than its length can say
     */
    public void endNest(int start) {
        int length = buffer.position() - start;
        if (length > MAX_ATTRIBUTE) {
            throw new IllegalArgumentException("an attribute has at most " + MAX_ATTRIBUTE + " bytes, not " + length);
        }
        buffer.putShort(start, (short) length);
        pad();
    }

    /**
     * Starts an attribute whose value, a structure perhaps, is written next.
     *
     * @return what {@link #endNest} wants
     */
    public int open(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) type);
        return start;
    }
}
