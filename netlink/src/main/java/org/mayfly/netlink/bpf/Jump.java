package org.mayfly.netlink.bpf;

/** When to jump: {@code BPF_OP} of the classes {@code BPF_JMP} and {@code BPF_JMP32}. An S is for signed numbers. */
public enum Jump {
    JEQ(0x10),
    JGT(0x20),
    JGE(0x30),
    /** If they have a bit in common. */
    JSET(0x40),
    JNE(0x50),
    JSGT(0x60),
    JSGE(0x70),
    JLT(0xa0),
    JLE(0xb0),
    JSLT(0xc0),
    JSLE(0xd0);

    final int code;

    Jump(int code) {
        this.code = code;
    }
}
