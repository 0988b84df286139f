package org.mayfly.netlink;

import java.util.List;

/**
 * An attribute that this library has no name for, kept as it came.
 *
 * @param type with the bits {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER}, if it came with them
 */
public record RawAttribute(int type, Bytes value) {
    /** The attribute on which the reader stands. */
    public static RawAttribute of(AttributeReader a) {
        return new RawAttribute(a.rawType(), Bytes.of(a.bytes()));
    }

    /** Writes it back as it came. */
    public void write(MessageWriter w) {
        value.write(w, type);
    }

    /** Writes all of them back as they came. */
    public static void writeAll(List<RawAttribute> attributes, MessageWriter w) {
        for (int i = 0; i < attributes.size(); i++) { // most often there are none: an iterator would be garbage
            attributes.get(i).write(w);
        }
    }
}
