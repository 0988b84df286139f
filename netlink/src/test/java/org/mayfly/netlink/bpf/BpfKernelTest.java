package org.mayfly.netlink.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R10;
import static org.mayfly.netlink.bpf.Register.R2;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/** Maps, programs and links in the real kernel; {@code ip link} says what is on an interface. */
final class BpfKernelTest {
    private static final int XDP_PASS = 2;
    private static final byte[] FRAME = new byte[64];

    private final Lab lab = new Lab();

    @BeforeEach
    void right() throws IOException {
        BpfRight.needed();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private static BpfProgram xdp(Assembler a) throws IOException {
        return BpfProgram.load(BpfProgram.Type.XDP, "test", "GPL", a.assemble());
    }

    private static BpfProgram answering(int answer) throws IOException {
        return xdp(new Assembler().alu64(Alu.MOV, R0, answer).exit());
    }

    @Test
    void anArrayKeepsWhatItWasGiven() throws IOException {
        try (BpfMap map = BpfMap.array("test", 12, 3)) {
            assertArrayEquals(new byte[12], map.lookup(2));
            byte[] twelve = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
            map.update(2, twelve);
            assertArrayEquals(twelve, map.lookup(2));
            assertArrayEquals(new byte[12], map.lookup(1));
            assertThrows(IllegalArgumentException.class, () -> map.update(1, new byte[11]));
            assertThrows(IllegalStateException.class, () -> map.lookup(3));
            assertThrows(IllegalStateException.class, () -> map.lookup(-1));
        }
        assertThrows(IllegalArgumentException.class, () -> BpfMap.array("more than fifteen", 4, 1));
        refused(Errno.EINVAL, () -> BpfMap.array("no blanks", 4, 1));
    }

    @Test
    void aProgramReadsAnArrayWithoutALookup() throws IOException {
        try (BpfMap map = BpfMap.array("test", 8, 1);
                BpfProgram program = xdp(new Assembler()
                        .loadMapValue(R1, map)
                        .load(Size.W, R0, R1, 4)
                        .exit())) {
            assertEquals(0, program.run(FRAME, 1).answer());
            map.update(0, new byte[] {0, 0, 0, 0, 4, 3, 2, 1});
            assertEquals(0x01020304, program.run(FRAME, 1).answer());
        }
    }

    @Test
    void eachCpuCountsForItself() throws Exception {
        try (BpfMap map = BpfMap.perCpu("test", 3);
                BpfProgram program = counting(map)) {
            assertArrayEquals(new long[3], map.sums());
            for (int i = 0; i < 20; i++) { // some on this CPU, some on that
                assertEquals(
                        XDP_PASS,
                        CompletableFuture.supplyAsync(() -> run(program, 100)).get());
            }
            assertArrayEquals(new long[] {0, 2000, 0}, map.sums());
        }
    }

    private static int run(BpfProgram program, int times) {
        try {
            return program.run(FRAME, times).answer();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static BpfProgram counting(BpfMap map) throws IOException {
        Label none = new Label("none");
        return xdp(new Assembler()
                .store(Size.W, R10, -4, 0)
                .loadMap(R1, map)
                .alu64(Alu.MOV, R2, R10)
                .alu64(Alu.ADD, R2, -4)
                .call(Helper.MAP_LOOKUP_ELEM)
                .jump(Jump.JEQ, R0, 0, none)
                .load(Size.DW, R1, R0, 8)
                .alu64(Alu.ADD, R1, 1)
                .store(Size.DW, R0, 8, R1)
                .place(none)
                .alu64(Alu.MOV, R0, XDP_PASS)
                .exit());
    }

    @Test
    void whatTheVerifierSaysIsTold() {
        NetlinkException e = assertThrows(NetlinkException.class, () -> xdp(new Assembler().exit()));
        assertEquals(Errno.EACCES, e.errno());
        assertEquals("bpf(BPF_PROG_LOAD): EACCES, R0 !read_ok", e.getMessage());
        Assembler wants = new Assembler().alu64(Alu.MOV, R0, 0).call(Helper.FIB_LOOKUP);
        NetlinkException licence = assertThrows(
                NetlinkException.class,
                () -> BpfProgram.load(
                        BpfProgram.Type.XDP, "test", "secret", wants.exit().assemble()));
        assertTrue(licence.kernelMessage().contains("GPL"), licence::getMessage);
    }

    @Test
    void whatIsClosedIsNotUsed() throws IOException {
        BpfProgram program = answering(XDP_PASS);
        program.close();
        program.close();
        assertThrows(IllegalStateException.class, () -> program.run(FRAME, 1));
        BpfMap map = BpfMap.array("test", 4, 1);
        map.close();
        map.close();
        assertThrows(IllegalStateException.class, () -> map.lookup(0));
    }

    @Test
    void aLinkHoldsAProgramOnAnInterface() throws Exception {
        Lab.Host host = lab.host();
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        int index = index(host, "v0");
        try (BpfProgram program = answering(XDP_PASS)) {
            XdpLink link = host.call(() -> XdpLink.attach(program, index, XdpLink.Mode.NATIVE));
            assertEquals(index, link.ifindex());
            assertTrue(shown(host, "v0").contains("prog/xdp id "), () -> "native");
            refused(Errno.EBUSY, () -> host.call(() -> XdpLink.attach(program, index, XdpLink.Mode.NATIVE)));
            refused(Errno.EEXIST, () -> host.call(() -> XdpLink.attach(program, index, XdpLink.Mode.GENERIC)));
            link.close();
            link.close();
            assertEquals(0, link.ifindex());
            assertFalse(shown(host, "v0").contains("xdp"));
        }
    }

    @Test
    void anInterfaceThatIsGoneHasNoProgram() throws Exception {
        Lab.Host host = lab.host();
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        int index = index(host, "v0");
        try (BpfProgram program = answering(XDP_PASS);
                XdpLink link = host.call(() -> XdpLink.attach(program, index, XdpLink.Mode.GENERIC))) {
            assertTrue(shown(host, "v0").contains("xdpgeneric"), "generic");
            host.run("ip", "link", "del", "v0");
            assertEquals(0, link.ifindex());
            refused(Errno.EINVAL, () -> host.call(() -> XdpLink.attach(program, index, XdpLink.Mode.NATIVE)));
        }
    }

    private static int index(Lab.Host host, String name) throws Exception {
        String link = host.run("ip", "-o", "link", "show", name);
        return Integer.parseInt(link.substring(0, link.indexOf(':')));
    }

    private static String shown(Lab.Host host, String name) throws Exception {
        return host.run("ip", "-d", "link", "show", name);
    }

    private static void refused(int errno, Executable what) {
        NetlinkException e = assertThrows(NetlinkException.class, what);
        assertEquals(errno, e.errno(), e::getMessage);
        assertNotEquals("", e.operation());
    }
}
