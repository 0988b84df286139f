package org.mayfly.netlink.bpf;

/**
 * The registers of eBPF ({@code BPF_REG_0} to {@code BPF_REG_10}). A call takes its arguments in 1 to 5 and answers in 0;
 * it leaves 6 to 9 alone. 10 is the frame pointer, below which 512 bytes are the program's.
 */
public enum Register {
    R0(0),
    R1(1),
    R2(2),
    R3(3),
    R4(4),
    R5(5),
    R6(6),
    R7(7),
    R8(8),
    R9(9),
    R10(10);

    final int number;

    Register(int number) {
        this.number = number;
    }
}
