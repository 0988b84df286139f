package org.mayfly.netlink.bpf;

/** What is done to a register: {@code BPF_OP} of the classes {@code BPF_ALU} and {@code BPF_ALU64}. */
public enum Alu {
    ADD(0x00),
    SUB(0x10),
    MUL(0x20),
    DIV(0x30),
    OR(0x40),
    AND(0x50),
    LSH(0x60),
    RSH(0x70),
    MOD(0x90),
    XOR(0xa0),
    MOV(0xb0),
    ARSH(0xc0);

    final int code;

    Alu(int code) {
        this.code = code;
    }
}
