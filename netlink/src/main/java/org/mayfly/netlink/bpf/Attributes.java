package org.mayfly.netlink.bpf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.Bpf;

/** {@code union bpf_attr}: what bpf(2) is told. What is not set is 0, which a kernel that knows less of it takes. */
final class Attributes {
    private static final int LENGTH = 128;

    /** {@code BPF_OBJ_NAME_LEN}, without the zero. */
    private static final int LONGEST_NAME = 15;

    private final ByteBuffer bytes = Bpf.direct(LENGTH);

    Attributes u32(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    /** Where something lies, as a number of 64 bits. */
    Attributes pointer(int offset, ByteBuffer direct) {
        bytes.putLong(offset, Bpf.address(direct));
        return this;
    }

    Attributes name(int offset, String name) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        if (ascii.length > LONGEST_NAME) {
            throw new IllegalArgumentException(name + " has more than " + LONGEST_NAME + " characters");
        }
        bytes.put(offset, ascii);
        return this;
    }

    int u32(int offset) {
        return bytes.getInt(offset);
    }

    /** @param name {@code BPF_…} */
    int call(int command, String name) throws NetlinkException {
        return Bpf.call(command, name, bytes);
    }
}
