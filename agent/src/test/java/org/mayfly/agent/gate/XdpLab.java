package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/**
 * Real interfaces for the gate; {@code ip link} says whether it is there. Both the server and the host behind it listen on
 * the knock port, without a gate of their own.
 *
 * <pre>
 *  client (c0) ------- (s0) server (s1) ------- (h0) host
 *    2001:db8:1::c     2001:db8:1::5, 2001:db8:2::5       2001:db8:2::e
 *    192.0.2.3         192.0.2.1, 198.51.100.1            198.51.100.2
 * </pre>
 */
final class XdpLab implements AutoCloseable {
    static final int PORT = Frame.KNOCK_PORT;
    static final String CLIENT4 = "192.0.2.3";
    static final String SERVER = "2001:db8:1::5";
    static final String SERVER4 = "192.0.2.1";
    static final String SERVER_INSIDE = "2001:db8:2::5";
    static final String HOST = "2001:db8:2::e";
    static final String HOST4 = "198.51.100.2";
    static final int MILLIS = 10_000;

    static final byte[] NOISE = Bytes.ofHex("5a".repeat(Packet.LENGTH)).toArray();
    static final byte[] LAST =
            Cases.tagged(Cases.KEY, Bytes.ofHex("11".repeat(Packet.LENGTH)).toArray());

    private final Lab lab = new Lab();
    final Lab.Host client;
    final Lab.Host server;
    final Lab.Host host;
    final DatagramSocket sender;
    final DatagramSocket atServer;
    final DatagramSocket atHost;
    final KernelGate gate = KernelGate.load(Cases.KEY, sockets("::"));
    final RouteNetlink route;

    /** Skips the test where eBPF may not be loaded. */
    static XdpLab build() throws Exception {
        BpfRight.needed();
        return new XdpLab();
    }

    private XdpLab() throws Exception {
        client = lab.host();
        server = lab.host();
        host = lab.host();
        server.run("sysctl", "-qw", "net.ipv4.ip_forward=0"); // a new namespace has what the machine has
        join();
        lab.join(server, "s1", host, "h0");
        server.address(SERVER_INSIDE + "/64", "s1");
        server.address("198.51.100.1/24", "s1");
        host.address(HOST + "/64", "h0");
        host.address(HOST4 + "/24", "h0");
        host.run("ip", "-6", "route", "add", "default", "via", SERVER_INSIDE);
        host.run("ip", "route", "add", "default", "via", "198.51.100.1");
        sender = client.call(DatagramSocket::new);
        sender.setSoTimeout(MILLIS);
        atServer = listen(server, PORT);
        atHost = listen(host, PORT);
        route = server.call(RouteNetlink::open);
    }

    /** Where knocks are heard: at the knock port of those addresses. */
    static List<InetSocketAddress> sockets(String... addresses) {
        return Arrays.stream(addresses).map(a -> new InetSocketAddress(a, PORT)).toList();
    }

    /** Connects client and server, for the first time or anew. */
    void join() throws Exception {
        lab.join(client, "c0", server, "s0");
        client.address("2001:db8:1::c/64", "c0");
        server.address(SERVER + "/64", "s0");
        client.address(CLIENT4 + "/24", "c0");
        server.address(SERVER4 + "/24", "s0");
        client.run("ip", "-6", "route", "add", "default", "via", SERVER);
        client.run("ip", "route", "add", "default", "via", SERVER4);
    }

    static DatagramSocket listen(Lab.Host at, int port) throws Exception {
        DatagramSocket socket = at.call(() -> new DatagramSocket(port));
        socket.setSoTimeout(MILLIS);
        return socket;
    }

    void attach(KernelGate which, String dev) throws Exception {
        Link link = route.link(dev).orElseThrow();
        server.call(() -> {
            which.xdp().attach(link.index(), link.address());
            return null;
        });
    }

    XdpState state() throws IOException {
        return gate.xdp().state();
    }

    String shown() throws Exception {
        return server.run("ip", "-d", "link", "show", "s0");
    }

    void send(byte[] packet, String to, int port) throws IOException {
        sender.send(new DatagramPacket(packet, packet.length, InetAddress.getByName(to), port));
    }

    static DatagramPacket receive(DatagramSocket at) throws IOException {
        byte[] in = new byte[4096];
        DatagramPacket p = new DatagramPacket(in, in.length);
        at.receive(p);
        return p;
    }

    static Bytes next(DatagramSocket at) throws IOException {
        DatagramPacket p = receive(at);
        return Bytes.of(Arrays.copyOf(p.getData(), p.getLength()));
    }

    /** What arrives of noise and a good packet after it. */
    void assertDropsNoise(String to) throws IOException {
        send(NOISE, to, PORT);
        send(LAST, to, PORT);
        assertEquals(Bytes.of(LAST), next(atServer), to);
    }

    void assertPassesNoise(DatagramSocket at, String to, int port) throws IOException {
        send(NOISE, to, port);
        assertEquals(Bytes.of(NOISE), next(at), to);
    }

    @Override
    public void close() {
        gate.close();
        route.close();
        sender.close();
        atServer.close();
        atHost.close();
        lab.close();
    }
}
