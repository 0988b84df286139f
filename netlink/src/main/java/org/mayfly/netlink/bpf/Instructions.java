package org.mayfly.netlink.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.sys.Bpf;

/** A program that is written and not loaded. */
public final class Instructions {
    private final long[] instructions;

    Instructions(long[] instructions) {
        this.instructions = instructions;
    }

    /** How many; one of 64 bits counts as two. */
    public int count() {
        return instructions.length;
    }

    /** As the kernel takes them, and as {@code llvm-mc -triple=bpfel} writes them. */
    public Bytes bytes() {
        ByteBuffer b = ByteBuffer.allocate(instructions.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.asLongBuffer().put(instructions);
        return Bytes.of(b.array());
    }

    ByteBuffer direct() {
        ByteBuffer b = Bpf.direct(instructions.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        b.asLongBuffer().put(instructions);
        return b;
    }
}
