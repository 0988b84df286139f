package org.mayfly.netlink;

import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that do not change and compare by their content: what a record may hold. Prints as hexadecimal digits. */
public final class Bytes {
    /** No bytes at all. */
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /** A copy of {@code value}. */
    public static Bytes of(byte[] value) {
        return new Bytes(value.clone());
    }

    /** Reads hexadecimal digits; blanks between bytes are skipped. */
    public static Bytes ofHex(String digits) {
        return new Bytes(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
    }

    public int length() {
        return value.length;
    }

    /** The byte at {@code index}, 0 to 255. */
    public int get(int index) {
        return Byte.toUnsignedInt(value[index]);
    }

    /** A copy. */
    public byte[] toArray() {
        return value.clone();
    }

    /** Writes them where the writer stands, without a copy. */
    public void write(MessageWriter w) {
        w.bytes(value);
    }

    /** Writes them as the value of an attribute, without a copy. */
    public void write(MessageWriter w, int attribute) {
        w.attrBytes(attribute, value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes b && Arrays.equals(value, b.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(value);
    }
}
