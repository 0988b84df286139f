package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.admin.StatusAnswer;
import org.mayfly.agent.config.GateChoice;
import org.mayfly.agent.gate.KernelGate;
import org.mayfly.agent.gate.XdpState;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Secret;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Lab.Host;

/** On real interfaces. */
final class InterfaceGateTest {
    private static final List<InetSocketAddress> UDP = List.of(new InetSocketAddress("::", 62201));

    private final Lab lab = new Lab();
    private Host host;

    @BeforeEach
    void build() throws Exception {
        BpfRight.needed();
        host = lab.host();
        lab.join(host, "eth0", lab.host(), "to-host");
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private static GateKey key() {
        return GateKey.of(Secret.of(new byte[GateKey.LENGTH]));
    }

    private @Nullable PacketInterface find() throws Exception {
        return host.call(() -> PacketInterface.find("eth0"));
    }

    private InterfaceGate.Placed follow(InterfaceGate gate, @Nullable PacketInterface by) throws Exception {
        return host.call(() -> gate.follow(by));
    }

    @Test
    void followsTheInterface() throws Exception {
        try (KernelGate kernel = KernelGate.load(key(), UDP)) {
            InterfaceGate gate = new InterfaceGate(kernel.xdp());
            PacketInterface first = find();
            assertEquals(new InterfaceGate.Placed(first, XdpState.NATIVE, ""), follow(gate, first));
            String shown = host.run("ip", "-d", "link", "show", "eth0");
            assertTrue(shown.contains("prog/xdp id "), shown);
            InterfaceGate.Placed still = host.call(() -> gate.follow("eth0"));
            assertEquals(XdpState.NATIVE, still.state());
            assertEquals(shown, host.run("ip", "-d", "link", "show", "eth0"), "it is the same program");
            assertEquals(InterfaceGate.Placed.nowhere("packets come in by no Ethernet interface"), follow(gate, null));
        }
    }

    /** Each try has the kernel verify a program, and the machine may change every second. */
    @Test
    void whereAnotherProgramIsItTriesAgainOnceSomethingIsDifferent() throws Exception {
        try (KernelGate kernel = KernelGate.load(key(), UDP);
                KernelGate other = KernelGate.load(key(), UDP)) {
            InterfaceGate theirs = new InterfaceGate(other.xdp());
            InterfaceGate gate = new InterfaceGate(kernel.xdp());
            follow(theirs, find());
            PacketInterface taken = find();
            String reason = follow(gate, taken).reason();
            assertTrue(reason.startsWith("eth0: ") && reason.contains("another XDP program is there"), reason);
            other.xdp().detach();
            assertEquals(
                    InterfaceGate.Placed.nowhere(reason), follow(gate, taken), "as far as it knows, nothing changed");
            PacketInterface free = find();
            assertEquals(new InterfaceGate.Placed(free, XdpState.NATIVE, ""), follow(gate, free));
        }
    }

    /** As with the portable transport, which tells no descriptors. */
    @Test
    void theInterfaceDoesNotNeedTheSockets() throws Exception {
        try (JunkGate gate = new JunkGate(GateChoice.XDP, key(), UDP, new SystemClock())) {
            gate.sockets(List.of());
            InterfaceGate onInterface = gate.onInterface().orElseThrow();
            gate.placed(follow(onInterface, find()));
            StatusAnswer.Gate answer = gate.answer();
            assertEquals("xdp", answer.inForce());
            assertEquals("eth0", answer.interfaceName());
            assertEquals("sockets of the portable transport take no filter", answer.reason());
        }
    }

    @Test
    void aSocketThatTakesNoFilterDoesNotKeepItOffTheInterface() throws Exception {
        try (JunkGate gate = new JunkGate(GateChoice.XDP, key(), UDP, new SystemClock())) {
            gate.sockets(List.of(-1));
            assertEquals("user", gate.answer().inForce());
            gate.placed(follow(gate.onInterface().orElseThrow(), find()));
            assertEquals("xdp", gate.answer().inForce());
            String reason = gate.answer().reason();
            assertNotNull(reason);
            assertTrue(reason.contains("SO_ATTACH_FILTER") && reason.contains("SO_ATTACH_BPF"), reason);
        }
    }

    @Test
    void withoutXdpThereIsNothingToFollow() {
        try (JunkGate gate = new JunkGate(GateChoice.SOCKET, key(), UDP, new SystemClock())) {
            gate.sockets(List.of());
            assertTrue(gate.onInterface().isEmpty());
            assertEquals("user", gate.answer().inForce());
            assertNull(gate.answer().xdp());
        }
    }

    @Test
    void countsDoNotGoBackWhenTheKernelCannotBeAsked() throws Exception {
        Host peer = lab.host();
        lab.join(host, "eth1", peer, "peer");
        JunkGate gate = new JunkGate(GateChoice.XDP, key(), UDP, new SystemClock());
        try (DatagramSocket sender = peer.call(DatagramSocket::new)) {
            gate.sockets(List.of());
            host.address("2001:db8::1/64", "eth1");
            peer.address("2001:db8::2/64", "peer");
            gate.placed(host.call(() -> gate.onInterface().orElseThrow().follow(PacketInterface.find("eth1"))));
            sender.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress("2001:db8::1", 62201)));
            long end = System.nanoTime() + 10_000_000_000L;
            while (gate.counts().xdp().length() == 0) {
                assertTrue(System.nanoTime() < end, "it is not counted");
            }
        } finally {
            gate.close();
        }
        assertEquals(1, gate.counts().xdp().length());
    }
}
