package org.mayfly.netlink.nft;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

    /** A packet mark, a number of an interface, a user: what is in host order. */
    public SetKey number(int value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
        return this;
    }

    /** The name of an interface. */
    public SetKey ifname(String name) {
        out.writeBytes(Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), DataType.IFNAME.length()));
        return this;
    }

    /** Any other field, in the order that its type has. */
    public SetKey field(byte[] value) {
        out.writeBytes(value);
        return pad(-value.length & 3);
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
