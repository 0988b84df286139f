package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/**
 * The gate on a real interface; {@code ip link} says whether it is there. Both the server and the host behind it listen on
 * the knock port, without a gate of their own.
 *
 * <pre>
 *  client (c0) ------- (s0) server (s1) ------- (h0) host
 *    2001:db8:1::c     2001:db8:1::5, 2001:db8:2::5       2001:db8:2::e
 *    192.0.2.3         192.0.2.1, 198.51.100.1            198.51.100.2
 * </pre>
 */
final class XdpGateTest {
    private static final int PORT = Frame.KNOCK_PORT;
    private static final int OTHER_PORT = PORT + 1;
    private static final String SERVER = "2001:db8:1::5";
    private static final String SERVER4 = "192.0.2.1";
    private static final String HOST = "2001:db8:2::e";
    private static final String HOST4 = "198.51.100.2";
    private static final int MILLIS = 10_000;

    /** Less than a veth's ring takes. */
    private static final int AT_ONCE = 50;

    private static final byte[] NOISE = Bytes.ofHex("5a".repeat(Packet.LENGTH)).toArray();
    private static final byte[] LAST =
            Cases.tagged(Cases.KEY, Bytes.ofHex("11".repeat(Packet.LENGTH)).toArray());

    private final Lab lab = new Lab();
    private Lab.Host client;
    private Lab.Host server;
    private Lab.Host host;
    private DatagramSocket sender;
    private DatagramSocket atServer;
    private DatagramSocket atHost;
    private KernelGate gate;
    private RouteNetlink route;

    @BeforeEach
    void build() throws Exception {
        BpfRight.needed();
        client = lab.host();
        server = lab.host();
        host = lab.host();
        join();
        lab.join(server, "s1", host, "h0");
        server.address("2001:db8:2::5/64", "s1");
        server.run("ip", "addr", "add", "198.51.100.1/24", "dev", "s1");
        host.address(HOST + "/64", "h0");
        host.run("ip", "addr", "add", HOST4 + "/24", "dev", "h0");
        host.run("ip", "-6", "route", "add", "default", "via", "2001:db8:2::5");
        host.run("ip", "route", "add", "default", "via", "198.51.100.1");
        sender = client.call(DatagramSocket::new);
        atServer = listen(server, PORT);
        atHost = listen(host, PORT);
        gate = KernelGate.load(Cases.KEY, Set.of(PORT));
        route = server.call(RouteNetlink::open);
    }

    private void join() throws Exception {
        lab.join(client, "c0", server, "s0");
        client.address("2001:db8:1::c/64", "c0");
        server.address(SERVER + "/64", "s0");
        client.run("ip", "addr", "add", "192.0.2.3/24", "dev", "c0");
        server.run("ip", "addr", "add", SERVER4 + "/24", "dev", "s0");
        client.run("ip", "-6", "route", "add", "default", "via", SERVER);
        client.run("ip", "route", "add", "default", "via", SERVER4);
    }

    private static DatagramSocket listen(Lab.Host at, int port) throws Exception {
        DatagramSocket socket = at.call(() -> new DatagramSocket(port));
        socket.setSoTimeout(MILLIS);
        return socket;
    }

    @AfterEach
    void tearDown() {
        if (route != null) { // the test was skipped
            gate.close();
            route.close();
            sender.close();
            atServer.close();
            atHost.close();
        }
        lab.close();
    }

    private void attach(KernelGate which, String dev) throws Exception {
        Link link = route.link(dev).orElseThrow();
        server.call(() -> {
            which.attachXdp(link.index(), link.address());
            return null;
        });
    }

    private String shown() throws Exception {
        return server.run("ip", "-d", "link", "show", "s0");
    }

    private void send(byte[] packet, String to, int port) throws IOException {
        sender.send(new DatagramPacket(packet, packet.length, InetAddress.getByName(to), port));
    }

    private static Bytes next(DatagramSocket at) throws IOException {
        byte[] in = new byte[4096];
        DatagramPacket p = new DatagramPacket(in, in.length);
        at.receive(p);
        return Bytes.of(Arrays.copyOf(in, p.getLength()));
    }

    /** What arrives of noise and a good packet after it. */
    private void assertDropsNoise(String to) throws IOException {
        send(NOISE, to, PORT);
        send(LAST, to, PORT);
        assertEquals(Bytes.of(LAST), next(atServer), to);
    }

    private void assertPassesNoise(DatagramSocket at, String to, int port) throws IOException {
        send(NOISE, to, port);
        assertEquals(Bytes.of(NOISE), next(at), to);
    }

    @ParameterizedTest
    @ValueSource(strings = {SERVER, SERVER4})
    void whatArrivesIsWhatUserSpaceWouldTake(String to) throws Exception {
        attach(gate, "s0");
        assertEquals(XdpState.NATIVE, gate.xdp());
        List<Cases.Case> cases = Cases.all();
        List<Bytes> arrived = new ArrayList<>();
        for (int i = 0; i < cases.size(); i += AT_ONCE) {
            for (Cases.Case c : cases.subList(i, Math.min(cases.size(), i + AT_ONCE))) {
                send(c.packet().toArray(), to, PORT);
            }
            send(LAST, to, PORT);
            for (Bytes b = next(atServer); !b.equals(Bytes.of(LAST)); b = next(atServer)) {
                arrived.add(b);
            }
        }
        List<Bytes> good = cases.stream()
                .map(Cases.Case::packet)
                .filter(p -> Cases.good(Cases.KEY, p))
                .collect(Collectors.toList());
        assertEquals(good, arrived);
        Tally tally = gate.counts().xdp();
        assertEquals(cases.size() - good.size(), tally.length() + tally.tag());
        gate.key(Cases.OTHER);
        send(LAST, to, PORT);
        byte[] other = Cases.tagged(Cases.OTHER, LAST);
        send(other, to, PORT);
        assertEquals(Bytes.of(other), next(atServer));
    }

    @Test
    void nothingElseIsKeptOut() throws Exception {
        attach(gate, "s0");
        for (String to : List.of(SERVER, SERVER4)) {
            assertDropsNoise(to);
            InetAddress address = InetAddress.getByName(to);
            assertTrue(client.call(() -> address.isReachable(MILLIS)), to); // as root by ICMP
            try (ServerSocket service = server.call(() -> new ServerSocket(PORT));
                    Socket session = client.call(() -> new Socket(address, PORT))) {
                assertTrue(session.isConnected());
                service.accept().close();
            }
            try (DatagramSocket other = listen(server, OTHER_PORT)) {
                assertPassesNoise(other, to, OTHER_PORT);
            }
            byte[] fragmented = new byte[3000]; // in fragments
            send(fragmented, to, PORT);
            assertEquals(Bytes.of(fragmented), next(atServer), to);
        }
    }

    @Test
    void aVlanIsLeftAlone() throws Exception {
        try {
            client.run("ip", "link", "add", "link", "c0", "name", "c5", "type", "vlan", "id", "5");
        } catch (AssertionError e) {
            String why = "this kernel has no VLANs (8021q): " + e.getMessage();
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
        }
        server.run("ip", "link", "add", "link", "s0", "name", "s5", "type", "vlan", "id", "5");
        client.run("ip", "link", "set", "c5", "up");
        server.run("ip", "link", "set", "s5", "up");
        client.run("ip", "addr", "add", "203.0.113.3/24", "dev", "c5");
        server.run("ip", "addr", "add", "203.0.113.1/24", "dev", "s5");
        attach(gate, "s0");
        assertPassesNoise(atServer, "203.0.113.1", PORT);
        assertDropsNoise(SERVER4);
    }

    /** On a router, what is wrong at our gate may be right at somebody else's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsForwardedIsLeftAlone(boolean interfaceToo) throws Exception {
        server.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1");
        if (!interfaceToo) { // which keeps no IPv6 packet from being forwarded, but has it listen to other routers
            server.run("sysctl", "-qw", "net.ipv6.conf.s0.forwarding=0");
        }
        attach(gate, "s0");
        assertPassesNoise(atHost, HOST, PORT);
        assertPassesNoise(atHost, HOST4, PORT);
        assertDropsNoise(SERVER);
        assertDropsNoise(SERVER4);
        assertDropsNoise("2001:db8:2::5"); // ours too, if not of this interface
        server.run("ip", "-6", "route", "add", "local", "2001:db8:3::/64", "dev", "lo"); // doors
        assertDropsNoise("2001:db8:3::abcd");
    }

    @Test
    void whereWhatIsForwardedCannotBeToldItIsNot() throws Exception {
        String setting = "net.ipv6.conf.s0.force_forwarding";
        if (server.run("sysctl", "-ea").contains(setting)) { // Linux 6.17
            server.run("sysctl", "-qw", setting + "=1");
            IOException e = assertThrows(IOException.class, () -> attach(gate, "s0"));
            assertTrue(String.valueOf(e.getMessage()).endsWith("all.forwarding, not force_forwarding"), e::getMessage);
            assertEquals(XdpState.OFF, gate.xdp());
        }
    }

    @Test
    void itStaysWhenTheInterfaceGoesDownAndUp() throws Exception {
        attach(gate, "s0");
        server.run("ip", "link", "set", "s0", "down");
        assertEquals(XdpState.NATIVE, gate.xdp());
        server.run("ip", "link", "set", "s0", "up");
        assertEquals(XdpState.NATIVE, gate.xdp());
        client.run("ip", "neigh", "flush", "dev", "c0");
        assertDropsNoise(SERVER4); // IPv6 addresses do not outlive it
        assertEquals(new Tally(1, 0, 1), gate.counts().xdp());
    }

    @Test
    void anInterfaceThatIsMadeAnewGetsItAgain() throws Exception {
        attach(gate, "s0");
        assertDropsNoise(SERVER);
        server.run("ip", "link", "del", "s0");
        assertEquals(XdpState.OFF, gate.xdp());
        join();
        assertFalse(shown().contains("xdp"));
        attach(gate, "s0");
        assertEquals(XdpState.NATIVE, gate.xdp());
        assertDropsNoise(SERVER);
        assertEquals(new Tally(2, 0, 2), gate.counts().xdp(), "it counts on");
        attach(gate, "s1"); // the last call counts
        assertFalse(shown().contains("xdp"));
        server.run("ip", "link", "set", "s1", "address", "02:00:00:00:00:99");
        attach(gate, "s1");
        assertEquals(XdpState.NATIVE, gate.xdp());
    }

    @Test
    void aProgramThatIsThereIsLeftAlone() throws Exception {
        try (KernelGate theirs = KernelGate.load(Cases.OTHER, Set.of(PORT))) {
            attach(theirs, "s0");
            String before = shown();
            assertTrue(before.contains("prog/xdp id "), before);
            int s0 = route.link("s0").orElseThrow().index();
            IOException e = assertThrows(IOException.class, () -> attach(gate, "s0"));
            assertEquals(
                    "the gate cannot be on interface " + s0
                            + ": another XDP program is there; it was left alone (see: ip link show)",
                    e.getMessage());
            assertEquals(XdpState.OFF, gate.xdp());
            assertEquals(before, shown());
        }
        attach(gate, "s0");
        assertDropsNoise(SERVER);
    }

    @Test
    void itGoesWhenItIsToldTo() throws Exception {
        attach(gate, "s0");
        assertTrue(shown().contains("prog/xdp id "), "it is there");
        gate.detachXdp();
        assertFalse(shown().contains("xdp"));
        assertEquals(XdpState.OFF, gate.xdp());
        assertPassesNoise(atServer, SERVER, PORT);
        attach(gate, "s0");
        gate.close();
        gate.close();
        assertFalse(shown().contains("xdp"));
        gate.detachXdp();
    }

    @Test
    void whereTheDriverDoesNotDoItTheKernelDoes() throws Exception {
        server.run("ip", "link", "add", "br0", "type", "bridge");
        attach(gate, "br0");
        assertEquals(XdpState.GENERIC, gate.xdp());
        assertTrue(server.run("ip", "-d", "link", "show", "br0").contains("xdpgeneric"), "it is there");
    }

    @Test
    void whereItCannotBeSaysSo() throws Exception {
        IOException none =
                assertThrows(IOException.class, () -> gate.attachXdp(1, new LinkLayerAddress(Bytes.ofHex("c0000201"))));
        assertEquals("the gate cannot be on interface 1: it is not Ethernet", none.getMessage());
        LinkLayerAddress address = new LinkLayerAddress(Bytes.ofHex(Frame.TO));
        IOException gone = assertThrows(IOException.class, () -> gate.attachXdp(99_999, address));
        assertEquals("the gate cannot be on interface 99999: there is none", gone.getMessage());
    }
}
