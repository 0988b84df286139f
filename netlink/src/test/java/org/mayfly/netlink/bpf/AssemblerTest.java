package org.mayfly.netlink.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R10;
import static org.mayfly.netlink.bpf.Register.R2;
import static org.mayfly.netlink.bpf.Register.R3;
import static org.mayfly.netlink.bpf.Register.R4;
import static org.mayfly.netlink.bpf.Register.R5;
import static org.mayfly.netlink.bpf.Register.R6;
import static org.mayfly.netlink.bpf.Register.R7;
import static org.mayfly.netlink.bpf.Register.R8;
import static org.mayfly.netlink.bpf.Register.R9;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.Bytes;

/**
 * Golden bytes of LLVM 14: {@code echo 'r1 += r2' | llvm-mc -triple=bpfel -show-encoding} (Debian package llvm). What that
 * cannot write is as {@code Documentation/bpf/standardization/instruction-set.rst} has it, and says so.
 */
final class AssemblerTest {
    static Stream<Arguments> arithmetic() {
        return Stream.of(
                one("r1 += r2", "0f21000000000000", a -> a.alu64(Alu.ADD, R1, R2)),
                one("r1 -= 5", "1701000005000000", a -> a.alu64(Alu.SUB, R1, 5)),
                one("r3 *= r4", "2f43000000000000", a -> a.alu64(Alu.MUL, R3, R4)),
                one("r5 /= 7", "3705000007000000", a -> a.alu64(Alu.DIV, R5, 7)),
                one("r6 |= r7", "4f76000000000000", a -> a.alu64(Alu.OR, R6, R7)),
                one("r8 &= -1", "57080000ffffffff", a -> a.alu64(Alu.AND, R8, -1)),
                one("r0 <<= 13", "670000000d000000", a -> a.alu64(Alu.LSH, R0, 13)),
                one("r1 >>= 51", "7701000033000000", a -> a.alu64(Alu.RSH, R1, 51)),
                one("r2 %= r3, by the document", "9f32000000000000", a -> a.alu64(Alu.MOD, R2, R3)),
                one("r9 ^= r10", "afa9000000000000", a -> a.alu64(Alu.XOR, R9, R10)),
                one("r4 = r5", "bf54000000000000", a -> a.alu64(Alu.MOV, R4, R5)),
                one("r4 = -2", "b7040000feffffff", a -> a.alu64(Alu.MOV, R4, -2)),
                one("r6 s>>= 3", "c706000003000000", a -> a.alu64(Alu.ARSH, R6, 3)),
                one("w1 += w2", "0c21000000000000", a -> a.alu32(Alu.ADD, R1, R2)),
                one("w1 ^= 255", "a4010000ff000000", a -> a.alu32(Alu.XOR, R1, 255)),
                one("r3 = be16 r3", "dc03000010000000", a -> a.bigEndian(R3, 16)),
                one("r3 = be32 r3", "dc03000020000000", a -> a.bigEndian(R3, 32)),
                one("r3 = be64 r3", "dc03000040000000", a -> a.bigEndian(R3, 64)),
                one("call 69", "8500000045000000", a -> a.call(Helper.FIB_LOOKUP)),
                one("exit", "9500000000000000", Assembler::exit));
    }

    static Stream<Arguments> memory() {
        return Stream.of(
                one("r1 = *(u8 *)(r2 + 9)", "7121090000000000", a -> a.load(Size.B, R1, R2, 9)),
                one("r1 = *(u16 *)(r2 - 2)", "6921feff00000000", a -> a.load(Size.H, R1, R2, -2)),
                one("r1 = *(u32 *)(r2 + 4)", "6121040000000000", a -> a.load(Size.W, R1, R2, 4)),
                one("r1 = *(u64 *)(r10 - 64)", "79a1c0ff00000000", a -> a.load(Size.DW, R1, R10, -64)),
                one("*(u8 *)(r10 - 1) = r0", "730affff00000000", a -> a.store(Size.B, R10, -1, R0)),
                one("*(u16 *)(r10 - 2) = r0", "6b0afeff00000000", a -> a.store(Size.H, R10, -2, R0)),
                one("*(u32 *)(r10 - 4) = r0", "630afcff00000000", a -> a.store(Size.W, R10, -4, R0)),
                one("*(u64 *)(r10 - 8) = r0", "7b0af8ff00000000", a -> a.store(Size.DW, R10, -8, R0)),
                one("*(u32 *)(r10 - 4) = 7, by the document", "620afcff07000000", a -> a.store(Size.W, R10, -4, 7)),
                one(
                        "r7 = 8387236825053623669 ll",
                        "18070000757565740000000074736574",
                        a -> a.loadImmediate(R7, 8387236825053623669L)),
                one("r7 = -1 ll", "18070000ffffffff00000000ffffffff", a -> a.loadImmediate(R7, -1)),
                one("map 5, by the document", "18110000050000000000000000000000", a -> a.loadMap(R1, 5)),
                one(
                        "value of map 5, by the document",
                        "18210000050000000000000008000000",
                        a -> a.loadMapValue(R1, 5, 8)));
    }

    private static Arguments one(String text, String bytes, UnaryOperator<Assembler> write) {
        return Arguments.of(text, bytes, write);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"arithmetic", "memory"})
    void isWhatLlvmWrites(String text, String bytes, UnaryOperator<Assembler> write) {
        assertEquals(Bytes.ofHex(bytes), write.apply(new Assembler()).assemble().bytes(), text);
    }

    static Stream<Arguments> jumps() {
        return Stream.of(
                jump("if r1 == r2 goto +1", "1d21010000000000", (a, to) -> a.jump(Jump.JEQ, R1, R2, to)),
                jump("if r1 > 5 goto +1", "2501010005000000", (a, to) -> a.jump(Jump.JGT, R1, 5, to)),
                jump("if r1 >= r2 goto +1", "3d21010000000000", (a, to) -> a.jump(Jump.JGE, R1, R2, to)),
                jump("if r1 & 255, by the document", "45010100ff000000", (a, to) -> a.jump(Jump.JSET, R1, 255, to)),
                jump("if r1 != -1 goto +1", "55010100ffffffff", (a, to) -> a.jump(Jump.JNE, R1, -1, to)),
                jump("if r1 s> r2 goto +1", "6d21010000000000", (a, to) -> a.jump(Jump.JSGT, R1, R2, to)),
                jump("if r1 s>= 3 goto +1", "7501010003000000", (a, to) -> a.jump(Jump.JSGE, R1, 3, to)),
                jump("if r1 < r2 goto +1", "ad21010000000000", (a, to) -> a.jump(Jump.JLT, R1, R2, to)),
                jump("if r1 <= 3 goto +1", "b501010003000000", (a, to) -> a.jump(Jump.JLE, R1, 3, to)),
                jump("if r1 s< 3 goto +1", "c501010003000000", (a, to) -> a.jump(Jump.JSLT, R1, 3, to)),
                jump("if r1 s<= r2 goto +1", "dd21010000000000", (a, to) -> a.jump(Jump.JSLE, R1, R2, to)),
                jump("if w1 == 2 goto +1", "1601010002000000", (a, to) -> a.jump32(Jump.JEQ, R1, 2, to)),
                jump("goto +1", "0500010000000000", Assembler::jump));
    }

    private static Arguments jump(String text, String bytes, BiFunction<Assembler, Label, Assembler> write) {
        return Arguments.of(text, bytes, write);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("jumps")
    void aJumpKnowsHowFar(String text, String bytes, BiFunction<Assembler, Label, Assembler> write) {
        Assembler a = new Assembler();
        Label end = new Label("end");
        write.apply(a, end).exit().place(end).exit();
        assertEquals(
                Bytes.ofHex(bytes + "9500000000000000".repeat(2)), a.assemble().bytes(), text);
    }

    /** And an instruction of 64 bits counts twice. */
    @Test
    void aJumpBackIsANegativeOne() {
        Assembler a = new Assembler();
        Label begin = new Label("begin");
        a.place(begin).loadImmediate(R1, 1).jump(begin);
        assertEquals(
                Bytes.ofHex("18010000010000000000000000000000" + "0500fdff00000000"),
                a.assemble().bytes());
        assertEquals(3, a.assemble().count());
    }

    @Test
    void whatCannotBeWrittenIsRefused() {
        Assembler a = new Assembler();
        Label end = new Label("the end");
        a.jump(end);
        IllegalStateException nowhere = assertThrows(IllegalStateException.class, a::assemble);
        assertEquals("the end is placed nowhere", nowhere.getMessage());
        a.place(end);
        IllegalStateException twice = assertThrows(IllegalStateException.class, () -> a.place(end));
        assertEquals("the end is placed already, at 1", twice.getMessage());
        assertThrows(IllegalArgumentException.class, () -> a.load(Size.B, R1, R2, 32768));
        assertThrows(IllegalStateException.class, () -> {
            while (true) {
                a.exit();
            }
        });
    }

    @Test
    void cpusAreCounted() {
        Map<String, Integer> lists = Map.of("0\n", 1, "0-1\n", 2, "0-3,8\n", 5, "1,3,5-7", 5);
        lists.forEach((list, count) -> assertEquals(count, CpuList.count(list), list));
        for (String bad : new String[] {"", "\n", "x", "0-", "0-1;2", "3-1", "0 1"}) {
            assertThrows(IllegalArgumentException.class, () -> CpuList.count(bad), bad);
        }
    }
}
