package org.mayfly.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks the attributes in a stretch of a buffer.
 *
 * <pre>{@code
 * AttributeReader a = new AttributeReader(buffer, offset, length);
 * while (a.next()) {
 *     switch (a.type()) {
 *         case IFA_ADDRESS -> address = a.bytes();
 *         default -> unknown.add(a.raw());
 *     }
 * }
 * }</pre>
 *
 * <p>An attribute that claims more than there is, or a value that is shorter than asked for, throws
 * {@link MalformedMessageException}; a value longer than asked for is read from its front, since kernels may append.
 * The {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER} bits are taken off {@link #type}.
 *
 * <p>Source: {@code linux/netlink.h}, {@code lib/nlattr.c}.
 */
public final class AttributeReader {
    private static final int NLA_TYPE_MASK = 0x3fff;

    private final ByteBuffer buffer;
    private final int limit;
    private int next;
    private int value;
    private int length;
    private int rawType;

    /**
     * @param buffer whole message or more; its position and limit are left alone
     * @param offset where the first attribute's header begins
     * @param length bytes of all attributes together
     */
    public AttributeReader(ByteBuffer buffer, int offset, int length) {
        if (offset < 0 || length < 0 || length > buffer.limit() - offset) {
            throw new MalformedMessageException("attributes reach beyond the message", offset);
        }
        this.buffer = buffer.order() == ByteOrder.nativeOrder()
                ? buffer
                : buffer.duplicate().order(ByteOrder.nativeOrder());
        this.next = offset;
        this.limit = offset + length;
    }

    private AttributeReader(AttributeReader other) {
        buffer = other.buffer;
        limit = other.limit;
        next = other.next;
        value = other.value;
        length = other.length;
        rawType = other.rawType;
    }

    /** Another reader that stands where this one does, on the same attribute. */
    public AttributeReader copy() {
        return new AttributeReader(this);
    }

    /** Moves on to the next attribute; false at the end. */
    public boolean next() {
        if (limit - next < MessageWriter.ATTRIBUTE_HEADER) {
            return false; // fewer bytes than a header are padding, as in nla_ok()
        }
        int claimed = Short.toUnsignedInt(buffer.getShort(next));
        if (claimed < MessageWriter.ATTRIBUTE_HEADER || claimed > limit - next) {
            throw new MalformedMessageException(
                    "attribute claims " + claimed + " of " + (limit - next) + " bytes", next);
        }
        rawType = Short.toUnsignedInt(buffer.getShort(next + 2));
        value = next + MessageWriter.ATTRIBUTE_HEADER;
        length = claimed - MessageWriter.ATTRIBUTE_HEADER;
        next += Math.min(claimed + 3 & ~3, limit - next);
        return true;
    }

    public int type() {
        return rawType & NLA_TYPE_MASK;
    }

    /** {@code nla_type} with its bits {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER}. */
    public int rawType() {
        return rawType;
    }

    /** Bytes of the value, padding not counted. */
    public int length() {
        return length;
    }

    /** Where the value begins in the buffer. */
    public int offset() {
        return value;
    }

    public int u8() {
        need(1);
        return Byte.toUnsignedInt(buffer.get(value));
    }

    public int u16() {
        need(2);
        return Short.toUnsignedInt(buffer.getShort(value));
    }

    public int u32() {
        return u32(0);
    }

    /** The word at {@code offset} bytes of a value that is a structure. */
    public int u32(int offset) {
        need(offset + 4);
        return buffer.getInt(value + offset);
    }

    public long u64() {
        need(8);
        return buffer.getLong(value);
    }

    public int be16() {
        need(2);
        return u8() << 8 | Byte.toUnsignedInt(buffer.get(value + 1));
    }

    public int be32() {
        need(4);
        int v = buffer.getInt(value);
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(v) : v;
    }

    public long be64() {
        need(8);
        long v = buffer.getLong(value);
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Long.reverseBytes(v) : v;
    }

    /** A copy of the value. */
    public byte[] bytes() {
        byte[] copy = new byte[length];
        buffer.get(value, copy);
        return copy;
    }

    /** The value as text, up to its first zero byte. */
    public String string() {
        byte[] b = bytes();
        int end = 0;
        while (end < b.length && b[end] != 0) {
            end++;
        }
        return new String(b, 0, end, StandardCharsets.UTF_8);
    }

    /** A reader of what is nested in this attribute. */
    public AttributeReader nested() {
        return new AttributeReader(buffer, value, length);
    }

    private void need(int bytes) {
        if (length < bytes) {
            throw new MalformedMessageException(
                    "attribute " + type() + " has " + length + " bytes where " + bytes + " are needed", value);
        }
    }
}
