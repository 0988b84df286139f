package org.mayfly.netlink;

/**
 * An attribute that this library has no name for, kept as it came.
 *
 * @param type without the {@code NLA_F_*} bits
 */
public record RawAttribute(int type, Bytes value) {
    /** The attribute on which the reader stands. */
    public static RawAttribute of(AttributeReader a) {
        return new RawAttribute(a.type(), Bytes.of(a.bytes()));
    }
}
