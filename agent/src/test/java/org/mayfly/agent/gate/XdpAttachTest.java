package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.gate.XdpLab.PORT;
import static org.mayfly.agent.gate.XdpLab.SERVER;
import static org.mayfly.agent.gate.XdpLab.SERVER4;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.route.LinkLayerAddress;

/** When the gate is on a real interface, and when it is not. */
final class XdpAttachTest {
    private XdpLab lab;

    @BeforeEach
    void build() throws Exception {
        lab = XdpLab.build();
    }

    @AfterEach
    void close() {
        if (lab != null) { // the test was skipped
            lab.close();
        }
    }

    @Test
    void whereWhatIsForwardedCannotBeToldItIsNot() throws Exception {
        String setting = "net.ipv6.conf.s0.force_forwarding";
        if (lab.server.run("sysctl", "-ea").contains(setting)) { // Linux 6.17
            lab.server.run("sysctl", "-qw", setting + "=1");
            IOException e = assertThrows(IOException.class, () -> lab.attach(lab.gate, "s0"));
            assertTrue(String.valueOf(e.getMessage()).endsWith("all.forwarding, not force_forwarding"), e::getMessage);
            assertEquals(XdpState.OFF, lab.state());
        }
    }

    @Test
    void itStaysWhenTheInterfaceGoesDownAndUp() throws Exception {
        lab.attach(lab.gate, "s0");
        lab.server.run("ip", "link", "set", "s0", "down");
        assertEquals(XdpState.NATIVE, lab.state());
        lab.server.run("ip", "link", "set", "s0", "up");
        assertEquals(XdpState.NATIVE, lab.state());
        lab.client.run("ip", "neigh", "flush", "dev", "c0");
        lab.assertDropsNoise(SERVER4); // IPv6 addresses do not outlive it
        assertEquals(new Tally(1, 0, 1), lab.gate.counts().xdp());
    }

    @Test
    void anInterfaceThatIsMadeAnewGetsItAgain() throws Exception {
        lab.attach(lab.gate, "s0");
        lab.assertDropsNoise(SERVER);
        lab.server.run("ip", "link", "del", "s0");
        assertEquals(XdpState.OFF, lab.state());
        lab.join();
        assertFalse(lab.shown().contains("xdp"));
        lab.attach(lab.gate, "s0");
        assertEquals(XdpState.NATIVE, lab.state());
        lab.assertDropsNoise(SERVER);
        assertEquals(new Tally(2, 0, 2), lab.gate.counts().xdp(), "it counts on");
        lab.attach(lab.gate, "s1"); // the last call counts
        assertFalse(lab.shown().contains("xdp"));
        lab.server.run("ip", "link", "set", "s1", "address", "02:00:00:00:00:99");
        lab.attach(lab.gate, "s1");
        assertEquals(XdpState.NATIVE, lab.state());
    }

    @Test
    void aProgramThatIsThereIsLeftAlone() throws Exception {
        try (KernelGate theirs = KernelGate.load(Cases.OTHER, XdpLab.sockets("::"))) {
            lab.attach(theirs, "s0");
            String before = lab.shown();
            assertTrue(before.contains("prog/xdp id "), before);
            int s0 = lab.route.link("s0").orElseThrow().index();
            IOException e = assertThrows(XdpBusyException.class, () -> lab.attach(lab.gate, "s0"));
            assertEquals(
                    "the gate cannot be on interface " + s0
                            + ": another XDP program is there; it was left alone (see: ip link show)",
                    e.getMessage());
            assertEquals(XdpState.OFF, lab.state());
            assertEquals(before, lab.shown());
        }
        lab.attach(lab.gate, "s0");
        lab.assertDropsNoise(SERVER);
    }

    @Test
    void itGoesWhenItIsToldTo() throws Exception {
        lab.attach(lab.gate, "s0");
        assertTrue(lab.shown().contains("prog/xdp id "), "it is there");
        lab.gate.xdp().detach();
        assertFalse(lab.shown().contains("xdp"));
        assertEquals(XdpState.OFF, lab.state());
        lab.assertPassesNoise(lab.atServer, SERVER, PORT);
        lab.attach(lab.gate, "s0");
        lab.gate.close();
        lab.gate.close();
        assertFalse(lab.shown().contains("xdp"));
        lab.gate.xdp().detach();
    }

    @Test
    void whereTheDriverDoesNotDoItTheKernelDoes() throws Exception {
        lab.server.run("ip", "link", "add", "br0", "type", "bridge");
        lab.attach(lab.gate, "br0");
        assertEquals(XdpState.GENERIC, lab.state());
        assertTrue(lab.server.run("ip", "-d", "link", "show", "br0").contains("xdpgeneric"), "it is there");
    }

    @Test
    void whereItCannotBeSaysSo() throws Exception {
        IOException none = assertThrows(
                IOException.class, () -> lab.gate.xdp().attach(1, new LinkLayerAddress(Bytes.ofHex("c0000201"))));
        assertEquals("the gate cannot be on interface 1: it is not Ethernet", none.getMessage());
        LinkLayerAddress address = new LinkLayerAddress(Bytes.ofHex(Frame.TO));
        IOException gone = assertThrows(IOException.class, () -> lab.gate.xdp().attach(99_999, address));
        assertEquals("the gate cannot be on interface 99999: there is none", gone.getMessage());
    }

    @Test
    void whereLoopbackAloneIsHeardThereIsNothingToDo() throws Exception {
        try (KernelGate inside = KernelGate.load(Cases.KEY, XdpLab.sockets("::1", "127.0.0.1"))) {
            IOException e = assertThrows(IOException.class, () -> lab.attach(inside, "s0"));
            assertTrue(String.valueOf(e.getMessage()).endsWith(": nothing but loopback is listened on by UDP"));
        }
        assertFalse(lab.shown().contains("xdp"));
    }
}
