package org.mayfly.netlink.nft.expr;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * What registers hold, to compare with or to set. What comes out of a packet is in network order; most of what the
 * kernel knows beside it, such as marks, interface indices and connection state, is in the order of the host.
 */
public final class Value {
    /** {@code IFNAMSIZ}, {@code NF_CT_HELPER_NAME_LEN}: how long a name in registers is. */
    private static final int NAME = 16;

    private Value() {}

    /** One byte, such as {@code IPPROTO_TCP}. */
    public static Bytes u8(int value) {
        return Bytes.of(new byte[] {(byte) value});
    }

    /** Two bytes in network order, such as a port. */
    public static Bytes be16(int value) {
        return of(ByteOrder.BIG_ENDIAN, 2, value);
    }

    /** Four bytes in network order. */
    public static Bytes be32(int value) {
        return of(ByteOrder.BIG_ENDIAN, 4, value);
    }

    /** Eight bytes in network order. */
    public static Bytes be64(long value) {
        return of(ByteOrder.BIG_ENDIAN, 8, value);
    }

    /** Two bytes in host order, such as a conntrack zone. */
    public static Bytes host16(int value) {
        return of(ByteOrder.nativeOrder(), 2, value);
    }

    /** Four bytes in host order, such as a mark. */
    public static Bytes host32(int value) {
        return of(ByteOrder.nativeOrder(), 4, value);
    }

    /** Eight bytes in host order. */
    public static Bytes host64(long value) {
        return of(ByteOrder.nativeOrder(), 8, value);
    }

    /**
     * The name of an interface, filled with zeros to 16 bytes.
     *
     * @throws IllegalArgumentException for one without room for a zero
     */
    public static Bytes name(String name) {
        byte[] b = MessageWriter.utf8(name);
        if (b.length >= NAME) {
            throw new IllegalArgumentException("a name has at most " + (NAME - 1) + " bytes: " + name);
        }
        return Bytes.of(Arrays.copyOf(b, NAME));
    }

    private static Bytes of(ByteOrder order, int length, long value) {
        ByteBuffer b = ByteBuffer.allocate(length).order(order);
        return Bytes.of(
                switch (length) {
                    case 2 -> b.putShort((short) value).array();
                    case 4 -> b.putInt((int) value).array();
                    default -> b.putLong(value).array();
                });
    }
}
