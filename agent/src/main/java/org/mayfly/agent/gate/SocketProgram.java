package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Alu.ADD;
import static org.mayfly.netlink.bpf.Alu.MOV;
import static org.mayfly.netlink.bpf.Helper.SKB_LOAD_BYTES;
import static org.mayfly.netlink.bpf.Jump.JEQ;
import static org.mayfly.netlink.bpf.Jump.JNE;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R10;
import static org.mayfly.netlink.bpf.Register.R2;
import static org.mayfly.netlink.bpf.Register.R3;
import static org.mayfly.netlink.bpf.Register.R4;
import static org.mayfly.netlink.bpf.Register.R6;
import static org.mayfly.netlink.bpf.Size.W;

import org.mayfly.knock.Packet;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.Instructions;
import org.mayfly.netlink.bpf.Label;

/**
 * The gate as a filter of a UDP socket. What it is shown begins at the UDP header ({@code sk_filter_trim_cap()} in {@code
 * net/ipv6/udp.c} and {@code net/ipv4/udp.c}).
 */
final class SocketProgram {
    /** Of the header. */
    static final int UDP = 8;

    /** {@code struct __sk_buff}. */
    private static final int SKB_LEN = 0;

    /** Below the frame pointer: a copy of the packet, since a socket filter may not look at it where it is. */
    private static final int COPY = -Packet.LENGTH;

    private static final int INDEX = COPY - Integer.BYTES;

    private SocketProgram() {}

    static Instructions write(BpfMap key, Counters counters) {
        Assembler a = new Assembler();
        Label length = new Label("wrong length");
        Label tag = new Label("wrong tag");
        a.alu64(MOV, R6, R1).load(W, R0, R6, SKB_LEN);
        a.jump(JNE, R0, UDP + Packet.LENGTH, length);
        a.alu64(MOV, R1, R6).alu64(MOV, R2, UDP);
        a.alu64(MOV, R3, R10).alu64(ADD, R3, COPY).alu64(MOV, R4, Packet.LENGTH);
        a.call(SKB_LOAD_BYTES).jump(JNE, R0, 0, length);
        TagCheck.write(a, R10, COPY, key);
        a.jump(JNE, R0, 0, tag);
        verdict(a, counters, Counters.PASSED, UDP + Packet.LENGTH); // so many bytes of it
        a.place(length);
        verdict(a, counters, Counters.LENGTH, 0);
        a.place(tag);
        verdict(a, counters, Counters.TAG, 0);
        return a.assemble();
    }

    private static void verdict(Assembler a, Counters counters, int which, int answer) {
        Label none = new Label("no counter");
        counters.find(a, INDEX);
        a.jump(JEQ, R0, 0, none);
        Counters.count(a, R0, Counters.SOCKET + which);
        a.place(none).alu64(MOV, R0, answer).exit();
    }
}
