package org.mayfly.netlink.bpf;

/** How much is loaded or stored: {@code BPF_SIZE}. What is smaller than a register is loaded with zeros before it. */
public enum Size {
    /** 1 byte. */
    B(0x10),
    /** 2 bytes. */
    H(0x08),
    /** 4 bytes. */
    W(0x00),
    /** 8 bytes. */
    DW(0x18);

    final int code;

    Size(int code) {
        this.code = code;
    }
}
