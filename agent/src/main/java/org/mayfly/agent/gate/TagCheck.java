package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Alu.ADD;
import static org.mayfly.netlink.bpf.Alu.LSH;
import static org.mayfly.netlink.bpf.Alu.MOV;
import static org.mayfly.netlink.bpf.Alu.OR;
import static org.mayfly.netlink.bpf.Alu.RSH;
import static org.mayfly.netlink.bpf.Alu.XOR;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R2;
import static org.mayfly.netlink.bpf.Register.R3;
import static org.mayfly.netlink.bpf.Register.R4;
import static org.mayfly.netlink.bpf.Register.R5;
import static org.mayfly.netlink.bpf.Size.DW;

import org.mayfly.knock.Packet;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.Register;

/**
 * SipHash-2-4 of all of a packet but the tag, against the tag (docs/protocol.md, 3): what {@code GateKey.matches} does, as
 * eBPF. Without a loop, since every loop has to be verified turn by turn anyway.
 */
final class TagCheck {
    private static final long C0 = 0x736f6d6570736575L; // "somepseudorandomlygeneratedbytes"
    private static final long C1 = 0x646f72616e646f6dL;
    private static final long C2 = 0x6c7967656e657261L;
    private static final long C3 = 0x7465646279746573L;

    private static final Register V0 = R2;
    private static final Register V1 = R3;
    private static final Register V2 = R4;
    private static final Register V3 = R5;
    private static final Register WORD = R1;
    private static final Register SPARE = R0;

    private final Assembler a;

    private TagCheck(Assembler a) {
        this.a = a;
    }

    /**
     * Makes register 0 zero if the tag is right, and something else if it is wrong. Uses registers 0 to 5.
     *
     * @param packet 6 to 10: where the packet is
     * @param at how far from there
     * @param key an array with the key
     */
    static void write(Assembler a, Register packet, int at, BpfMap key) {
        TagCheck c = new TagCheck(a);
        c.begin(key);
        for (int i = 0; i < Packet.TAG_OFFSET; i += Long.BYTES) {
            a.load(DW, WORD, packet, at + i);
            c.word();
        }
        a.loadImmediate(WORD, (long) Packet.TAG_OFFSET << 56);
        c.word();
        a.alu64(XOR, V2, 0xff);
        for (int i = 0; i < 4; i++) {
            c.round();
        }
        a.load(DW, R0, packet, at + Packet.TAG_OFFSET);
        a.alu64(XOR, R0, V0).alu64(XOR, R0, V1).alu64(XOR, R0, V2).alu64(XOR, R0, V3);
    }

    private void begin(BpfMap key) {
        a.loadMapValue(WORD, key);
        a.load(DW, V2, WORD, 0).load(DW, V3, WORD, Long.BYTES);
        a.loadImmediate(V0, C0).alu64(XOR, V0, V2);
        a.loadImmediate(V1, C1).alu64(XOR, V1, V3);
        a.loadImmediate(SPARE, C2).alu64(XOR, V2, SPARE);
        a.loadImmediate(SPARE, C3).alu64(XOR, V3, SPARE);
    }

    private void word() {
        a.alu64(XOR, V3, WORD);
        round();
        round();
        a.alu64(XOR, V0, WORD);
    }

    private void round() {
        a.alu64(ADD, V0, V1).alu64(ADD, V2, V3);
        rotateLeft(V1, 13);
        rotateLeft(V3, 16);
        a.alu64(XOR, V1, V0).alu64(XOR, V3, V2);
        rotateLeft(V0, 32);
        a.alu64(ADD, V2, V1).alu64(ADD, V0, V3);
        rotateLeft(V1, 17);
        rotateLeft(V3, 21);
        a.alu64(XOR, V1, V2).alu64(XOR, V3, V0);
        rotateLeft(V2, 32);
    }

    /** There is no instruction for it. */
    private void rotateLeft(Register v, int bits) {
        a.alu64(MOV, SPARE, v).alu64(LSH, v, bits).alu64(RSH, SPARE, Long.SIZE - bits);
        a.alu64(OR, v, SPARE);
    }
}
