package org.mayfly.netlink.bpf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes eBPF instructions, one a call, as {@code Documentation/bpf/standardization/instruction-set.rst} lays them out:
 *
 * <pre>
 *  struct bpf_insn:  | code u8 | src_reg 4 bits | dst_reg 4 bits | off s16 | imm s32 |
 * </pre>
 *
 * <p>Only for machines whose byte order is little-endian, where the first of the two registers is in the lower half.
 */
public final class Assembler {
    private static final int LD = 0x00;
    private static final int LDX = 0x01;
    private static final int ST = 0x02;
    private static final int STX = 0x03;
    private static final int ALU = 0x04;
    private static final int JMP = 0x05;
    private static final int JMP32 = 0x06;
    private static final int ALU64 = 0x07;

    /** {@code BPF_X}: the other operand is a register, not a number. */
    private static final int X = 0x08;

    private static final int MEM = 0x60;
    private static final int END = 0xd0;
    private static final int TO_BE = 0x08;
    private static final int CALL = 0x80;
    private static final int EXIT = 0x90;

    private static final int PSEUDO_MAP_FD = 1;
    private static final int PSEUDO_MAP_VALUE = 2;

    /** {@code BPF_MAXINSNS}: the most that an unprivileged program may have; ours are shorter. */
    private static final int MOST = 4096;

    private final List<Pending> pending = new ArrayList<>();
    private long[] instructions = new long[64];
    private int count;

    /** A jump whose way is not known yet. */
    private record Pending(int instruction, Label label) {}

    /** {@code dst = dst op src}. */
    public Assembler alu64(Alu op, Register dst, Register src) {
        return put(ALU64 | op.code | X, dst.number, src.number, 0, 0);
    }

    /** {@code dst = dst op imm}, with the sign of {@code imm} extended to 64 bits. */
    public Assembler alu64(Alu op, Register dst, int imm) {
        return put(ALU64 | op.code, dst.number, 0, 0, imm);
    }

    /** {@code dst = dst op src} of the lower 32 bits; the upper become 0. */
    public Assembler alu32(Alu op, Register dst, Register src) {
        return put(ALU | op.code | X, dst.number, src.number, 0, 0);
    }

    /** {@code dst = dst op imm} of the lower 32 bits; the upper become 0. */
    public Assembler alu32(Alu op, Register dst, int imm) {
        return put(ALU | op.code, dst.number, 0, 0, imm);
    }

    /** Makes the lower 16, 32 or 64 bits of a register big-endian, or a number of what was; the upper become 0. */
    public Assembler bigEndian(Register dst, int bits) {
        return put(ALU | END | TO_BE, dst.number, 0, 0, bits);
    }

    /** {@code dst = *(src + off)}. */
    public Assembler load(Size size, Register dst, Register src, int off) {
        return put(LDX | size.code | MEM, dst.number, src.number, off, 0);
    }

    /** {@code *(dst + off) = src}. */
    public Assembler store(Size size, Register dst, int off, Register src) {
        return put(STX | size.code | MEM, dst.number, src.number, off, 0);
    }

    /** {@code *(dst + off) = imm}. */
    public Assembler store(Size size, Register dst, int off, int imm) {
        return put(ST | size.code | MEM, dst.number, 0, off, imm);
    }

    /** {@code dst = imm}, all 64 bits of it. Two instructions. */
    public Assembler loadImmediate(Register dst, long imm) {
        return wide(dst, 0, (int) imm, (int) (imm >>> Integer.SIZE));
    }

    /** {@code dst = map}, for {@link Helper#MAP_LOOKUP_ELEM}. Two instructions. */
    public Assembler loadMap(Register dst, BpfMap map) {
        return loadMap(dst, map.fd());
    }

    Assembler loadMap(Register dst, int map) {
        return wide(dst, PSEUDO_MAP_FD, map, 0);
    }

    /** {@code dst = } where the only entry of an array lies, which costs no look-up. Two instructions. */
    public Assembler loadMapValue(Register dst, BpfMap array) {
        return loadMapValue(dst, array.fd(), 0);
    }

    Assembler loadMapValue(Register dst, int map, int off) {
        return wide(dst, PSEUDO_MAP_VALUE, map, off);
    }

    private Assembler wide(Register dst, int src, int low, int high) {
        return put(LD | Size.DW.code, dst.number, src, 0, low).put(0, 0, 0, 0, high);
    }

    /** Goes on at {@code to}. */
    public Assembler jump(Label to) {
        return to(JMP, 0, 0, 0, to);
    }

    /** Goes on at {@code to} if {@code dst op src}. */
    public Assembler jump(Jump op, Register dst, Register src, Label to) {
        return to(JMP | op.code | X, dst.number, src.number, 0, to);
    }

    /** Goes on at {@code to} if {@code dst op imm}, with the sign of {@code imm} extended to 64 bits. */
    public Assembler jump(Jump op, Register dst, int imm, Label to) {
        return to(JMP | op.code, dst.number, 0, imm, to);
    }

    /** Goes on at {@code to} if {@code dst op imm} of the lower 32 bits. */
    public Assembler jump32(Jump op, Register dst, int imm, Label to) {
        return to(JMP32 | op.code, dst.number, 0, imm, to);
    }

    private Assembler to(int code, int dst, int src, int imm, Label to) {
        pending.add(new Pending(count, to));
        return put(code, dst, src, 0, imm);
    }

    /** The next instruction is what {@code label} stands for. */
    public Assembler place(Label label) {
        label.place(count);
        return this;
    }

    public Assembler call(Helper helper) {
        return put(JMP | CALL, 0, 0, 0, helper.number);
    }

    /** Ends the program; register 0 is its answer. */
    public Assembler exit() {
        return put(JMP | EXIT, 0, 0, 0, 0);
    }

    private Assembler put(int code, int dst, int src, int off, int imm) {
        if (off != (short) off) {
            throw new IllegalArgumentException("offset " + off + " does not fit into 16 bits");
        }
        if (count == MOST) {
            throw new IllegalStateException("more than " + MOST + " instructions");
        }
        if (count == instructions.length) {
            instructions = Arrays.copyOf(instructions, count * 2);
        }
        instructions[count++] = code | dst << 8 | src << 12 | (off & 0xffffL) << 16 | (long) imm << Integer.SIZE;
        return this;
    }

    /**
     * All of it.
     *
     * @throws IllegalStateException if a label is placed nowhere
     */
    public Instructions assemble() {
        long[] done = Arrays.copyOf(instructions, count);
        for (Pending p : pending) {
            int off = p.label().at() - p.instruction() - 1; // at most MOST, which fits
            done[p.instruction()] |= (off & 0xffffL) << 16;
        }
        return new Instructions(done);
    }
}
