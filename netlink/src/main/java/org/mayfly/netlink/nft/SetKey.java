package org.mayfly.netlink.nft;

import java.io.ByteArrayOutputStream;
import org.mayfly.netlink.Bytes;

/** Puts together the key of an element of a concatenation: one call a field, each padded to 4 bytes at its tail. */
public final class SetKey {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(40);

    /** An address: 4 or 16 bytes in network order. */
    public SetKey address(byte[] value) {
        out.writeBytes(value);
        return this;
    }

    /** {@code IPPROTO_*}. */
    public SetKey protocol(int value) {
        out.write(value);
        return pad(3);
    }

    public SetKey port(int value) {
        out.write(value >>> 8);
        out.write(value);
        return pad(2);
    }

    /** Any other field, in the order of bytes that its type has: see {@link org.mayfly.netlink.nft.expr.Value}. */
    public SetKey field(Bytes value) {
        out.writeBytes(value.toArray());
        return pad(-value.length() & 3);
    }

    public Bytes toBytes() {
        return Bytes.of(out.toByteArray());
    }

    private SetKey pad(int zeros) {
        for (int i = 0; i < zeros; i++) {
            out.write(0);
        }
        return this;
    }
}
