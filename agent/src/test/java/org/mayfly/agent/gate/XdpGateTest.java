package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.gate.XdpLab.HOST;
import static org.mayfly.agent.gate.XdpLab.HOST4;
import static org.mayfly.agent.gate.XdpLab.LAST;
import static org.mayfly.agent.gate.XdpLab.MILLIS;
import static org.mayfly.agent.gate.XdpLab.NOISE;
import static org.mayfly.agent.gate.XdpLab.PORT;
import static org.mayfly.agent.gate.XdpLab.SERVER;
import static org.mayfly.agent.gate.XdpLab.SERVER4;
import static org.mayfly.agent.gate.XdpLab.SERVER_INSIDE;
import static org.mayfly.agent.gate.XdpLab.listen;
import static org.mayfly.agent.gate.XdpLab.next;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.netlink.Bytes;

/** What the gate on a real interface lets through. */
final class XdpGateTest {
    private static final int OTHER_PORT = PORT + 1;

    /** Less than a veth's ring takes. */
    private static final int AT_ONCE = 50;

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

    @ParameterizedTest
    @ValueSource(strings = {SERVER, SERVER4})
    void whatArrivesIsWhatUserSpaceWouldTake(String to) throws Exception {
        lab.attach(lab.gate, "s0");
        assertEquals(XdpState.NATIVE, lab.state());
        List<Cases.Case> cases = Cases.all();
        List<Bytes> arrived = new ArrayList<>();
        for (int i = 0; i < cases.size(); i += AT_ONCE) {
            for (Cases.Case c : cases.subList(i, Math.min(cases.size(), i + AT_ONCE))) {
                lab.send(c.packet().toArray(), to, PORT);
            }
            lab.send(LAST, to, PORT);
            for (Bytes b = next(lab.atServer); !b.equals(Bytes.of(LAST)); b = next(lab.atServer)) {
                arrived.add(b);
            }
        }
        List<Bytes> good = cases.stream()
                .map(Cases.Case::packet)
                .filter(p -> Cases.good(Cases.KEY, p))
                .collect(Collectors.toList());
        assertEquals(good, arrived);
        Tally tally = lab.gate.counts().xdp();
        assertEquals(cases.size() - good.size(), tally.length() + tally.tag());
        lab.gate.key(Cases.OTHER);
        lab.send(LAST, to, PORT);
        byte[] other = Cases.tagged(Cases.OTHER, LAST);
        lab.send(other, to, PORT);
        assertEquals(Bytes.of(other), next(lab.atServer));
    }

    @Test
    void nothingElseIsKeptOut() throws Exception {
        lab.attach(lab.gate, "s0");
        for (String to : List.of(SERVER, SERVER4)) {
            lab.assertDropsNoise(to);
            InetAddress address = InetAddress.getByName(to);
            assertTrue(lab.client.call(() -> address.isReachable(MILLIS)), to); // as root by ICMP
            try (ServerSocket service = lab.server.call(() -> new ServerSocket(PORT));
                    Socket session = lab.client.call(() -> new Socket(address, PORT))) {
                assertTrue(session.isConnected());
                service.accept().close();
            }
            try (DatagramSocket other = listen(lab.server, OTHER_PORT)) {
                lab.assertPassesNoise(other, to, OTHER_PORT);
            }
            byte[] fragmented = new byte[3000]; // in fragments
            lab.send(fragmented, to, PORT);
            assertEquals(Bytes.of(fragmented), next(lab.atServer), to);
        }
    }

    @Test
    void aVlanIsLeftAlone() throws Exception {
        try {
            lab.client.run("ip", "link", "add", "link", "c0", "name", "c5", "type", "vlan", "id", "5");
        } catch (AssertionError e) {
            String why = "this kernel has no VLANs (8021q): " + e.getMessage();
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
        }
        lab.server.run("ip", "link", "add", "link", "s0", "name", "s5", "type", "vlan", "id", "5");
        lab.client.run("ip", "link", "set", "c5", "up");
        lab.server.run("ip", "link", "set", "s5", "up");
        lab.client.run("ip", "addr", "add", "203.0.113.3/24", "dev", "c5");
        lab.server.run("ip", "addr", "add", "203.0.113.1/24", "dev", "s5");
        lab.attach(lab.gate, "s0");
        lab.assertPassesNoise(lab.atServer, "203.0.113.1", PORT);
        lab.assertDropsNoise(SERVER4);
    }

    /** On the same port of another address another program may listen. */
    @Test
    void whatIsForAnotherAddressIsLeftAlone() throws Exception {
        try (KernelGate six = KernelGate.load(Cases.KEY, XdpLab.sockets(SERVER, "::1"))) {
            lab.attach(six, "s0");
            lab.assertDropsNoise(SERVER);
            lab.assertPassesNoise(lab.atServer, SERVER_INSIDE, PORT);
            lab.assertPassesNoise(lab.atServer, SERVER4, PORT);
        }
        try (KernelGate four = KernelGate.load(Cases.KEY, XdpLab.sockets("192.0.2.99", SERVER4))) {
            lab.attach(four, "s0");
            lab.assertDropsNoise(SERVER4);
            lab.assertPassesNoise(lab.atServer, "198.51.100.1", PORT);
            lab.assertPassesNoise(lab.atServer, SERVER, PORT);
        }
        try (KernelGate four = KernelGate.load(Cases.KEY, XdpLab.sockets("0.0.0.0"))) {
            lab.attach(four, "s0");
            lab.assertDropsNoise(SERVER4);
            lab.assertPassesNoise(lab.atServer, SERVER, PORT);
        }
    }

    /** On a router, what is wrong at our gate may be right at somebody else's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsForwardedIsLeftAlone(boolean interfaceToo) throws Exception {
        lab.server.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1");
        if (!interfaceToo) { // which keeps no IPv6 packet from being forwarded, but has it listen to other routers
            lab.server.run("sysctl", "-qw", "net.ipv6.conf.s0.forwarding=0");
        }
        lab.attach(lab.gate, "s0");
        lab.assertPassesNoise(lab.atHost, HOST, PORT);
        lab.assertPassesNoise(lab.atHost, HOST4, PORT);
        lab.assertDropsNoise(SERVER);
        lab.assertDropsNoise(SERVER_INSIDE); // ours too, if not of this interface
        lab.server.run("ip", "-6", "route", "add", "local", "2001:db8:3::/64", "dev", "lo"); // doors
        lab.assertDropsNoise("2001:db8:3::abcd");
    }

    /** The host sends from the knock port, and the server lends it its address: the answer comes to that and to that port. */
    @Test
    void anAnswerToWhatIsMasqueradedIsLeftAlone() throws Exception {
        lab.server.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
        lab.server.run(
                "nft",
                "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; };"
                        + "add rule ip nat out oifname s0 masquerade");
        lab.attach(lab.gate, "s0");
        InetAddress client = InetAddress.getByName(XdpLab.CLIENT4);
        lab.atHost.send(new DatagramPacket(NOISE, NOISE.length, client, lab.sender.getLocalPort()));
        DatagramPacket asked = XdpLab.receive(lab.sender);
        assertEquals(new InetSocketAddress(SERVER4, PORT), asked.getSocketAddress(), "masqueraded");
        lab.assertPassesNoise(lab.atHost, SERVER4, PORT);
        lab.assertDropsNoise(SERVER);
    }
}
