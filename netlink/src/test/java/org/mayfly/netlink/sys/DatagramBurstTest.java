package org.mayfly.netlink.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.diag.DiagSocket;
import org.mayfly.netlink.diag.SocketDiag;
import org.mayfly.netlink.testing.Lab;

/** Datagrams over loopback, from one socket to another, called by hand. */
final class DatagramBurstTest {
    private static final int SIZE = 8;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final DatagramBurst burst = new DatagramBurst(SIZE, DatagramBurst.LONGEST);

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    private static InetAddress inet(String address) throws IOException {
        return InetAddress.getByName(address);
    }

    private static InetSocketAddress at(String address, int port) throws IOException {
        return new InetSocketAddress(inet(address), port);
    }

    private DatagramSocket peer(String address) throws IOException {
        DatagramSocket s = opened(new DatagramSocket(0, inet(address)));
        s.setSoTimeout(5000);
        return s;
    }

    private static void send(DatagramSocket from, InetSocketAddress to, byte... bytes) throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, to));
    }

    private static byte[] received(DatagramSocket s) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[65536], 65536);
        s.receive(p);
        return Arrays.copyOf(p.getData(), p.getLength());
    }

    private byte[] bytes(int index) {
        ByteBuffer b = ByteBuffer.allocate(burst.length(index));
        burst.copy(index, b);
        return b.array();
    }

    @Test
    void whereItCameFromAndWhereItWentTo() throws Exception {
        UdpDescriptor six = opened(UdpDescriptor.listening(false, 0));
        UdpDescriptor four = opened(UdpDescriptor.listening(true, six.localPort()));
        int port = six.localPort();
        assertEquals(port, four.localPort(), "one port for both families");
        DatagramSocket from6 = peer("::1");
        DatagramSocket from4 = peer("127.0.0.3");
        send(from6, at("::1", port), (byte) 6);
        send(from4, at("127.0.0.2", port), (byte) 4);

        assertEquals(1, burst.receive(six.fd()));
        assertArrayEquals(new byte[] {6}, bytes(0));
        assertEquals(List.of(0L, 1L), List.of(burst.sourceHigh(0), burst.sourceLow(0)));
        assertEquals(List.of(0L, 1L), List.of(burst.destinationHigh(0), burst.destinationLow(0)));
        assertEquals(from6.getLocalPort(), burst.sourcePort(0));

        assertEquals(1, burst.receive(four.fd()));
        assertArrayEquals(new byte[] {4}, bytes(0));
        assertEquals(List.of(0L, 0xffff_7f00_0003L), List.of(burst.sourceHigh(0), burst.sourceLow(0)));
        assertEquals(List.of(0L, 0xffff_7f00_0002L), List.of(burst.destinationHigh(0), burst.destinationLow(0)));
        assertEquals(from4.getLocalPort(), burst.sourcePort(0));
        assertEquals(0, burst.receive(six.fd()));
    }

    /** What the kernel writes back is how much it used, which is less for IPv4. */
    @Test
    void familiesTakeTurns() throws Exception {
        UdpDescriptor six = opened(UdpDescriptor.listening(false, 0));
        int port = six.localPort();
        UdpDescriptor four = opened(UdpDescriptor.listening(true, port));
        for (int round = 0; round < 3; round++) {
            send(peer("127.0.0.1"), at("127.0.0.1", port), (byte) 4);
            assertEquals(1, burst.receive(four.fd()));
            send(peer("::1"), at("::1", port), (byte) 6);
            assertEquals(1, burst.receive(six.fd()));
            assertEquals(1, burst.sourceLow(0));
            assertEquals(1, burst.destinationLow(0));
        }
    }

    @Test
    void allHalvesOfAnAddressAndTheInterface() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            Lab.Host other = lab.host();
            lab.join(host, "here", other, "there");
            host.address("2001:db8:8765:4321:fedc:ba98:7654:3210/64", "lo");
            host.address("2001:db8:8765:4321:fedc:ba98:7654:3211/64", "lo");
            UdpDescriptor d = opened(host.call(() -> UdpDescriptor.listening(false, 4000)));
            DatagramSocket from = host.call(() -> peer("2001:db8:8765:4321:fedc:ba98:7654:3210"));
            send(from, at("2001:db8:8765:4321:fedc:ba98:7654:3211", 4000), (byte) 1);
            assertEquals(1, burst.receive(d.fd()));
            assertEquals(0x2001_0db8_8765_4321L, burst.sourceHigh(0));
            assertEquals(0xfedc_ba98_7654_3210L, burst.sourceLow(0));
            assertEquals(0x2001_0db8_8765_4321L, burst.destinationHigh(0));
            assertEquals(0xfedc_ba98_7654_3211L, burst.destinationLow(0));
            assertEquals(0, burst.sourceScope(0));

            int there = index(other, "there");
            DatagramSocket neighbour = other.call(() -> opened(new DatagramSocket(onLink("fe80::b", there, 0))));
            send(neighbour, onLink("fe80::a", there, 4000), (byte) 2);
            assertEquals(1, burst.receive(d.fd()));
            assertEquals(index(host, "here"), burst.sourceScope(0));
        }
    }

    private static int index(Lab.Host host, String name) throws Exception {
        String line = host.run("ip", "-o", "-6", "addr", "show", "dev", name);
        return Integer.parseInt(line.substring(0, line.indexOf(':')));
    }

    /** By its number: the JDK looks names up in the namespace of the process. */
    private static InetSocketAddress onLink(String address, int scope, int port) throws IOException {
        return new InetSocketAddress(
                Inet6Address.getByAddress(null, inet(address).getAddress(), scope), port);
    }

    @Test
    void whatIsBroadcastHasNoDestination() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.run("ip", "addr", "add", "192.0.2.1/24", "brd", "+", "dev", "lo");
            UdpDescriptor d = opened(host.call(() -> UdpDescriptor.listening(true, 4000)));
            DatagramSocket from = host.call(() -> peer("192.0.2.1"));
            from.setBroadcast(true);
            send(from, at("192.0.2.255", 4000), (byte) 1);
            assertEquals(1, burst.receive(d.fd()));
            assertEquals(0, burst.destinationHigh(0));
            assertEquals(0, burst.destinationLow(0));
        }
    }

    @Test
    void bytesGoFromOneSocketToAnotherAsTheyAre() throws Exception {
        UdpDescriptor in = opened(UdpDescriptor.listening(false, 0));
        DatagramSocket target = peer("::1");
        UdpDescriptor out = opened(UdpDescriptor.connected(at("::1", target.getLocalPort())));
        DatagramSocket client = peer("::1");
        int[] lengths = {0, 1, 96, 1420, 9000, 65507, 0, 7, 97, 1}; // together what a usual receive buffer holds
        for (int i = 0; i < lengths.length; i++) {
            byte[] bytes = new byte[lengths[i]];
            Arrays.fill(bytes, (byte) i);
            send(client, at("::1", in.localPort()), bytes);
        }
        assertEquals(SIZE, burst.receive(in.fd()));
        assertEquals(3, burst.send(out.fd(), 0, 3));
        assertEquals(0, burst.send(out.fd(), 3, 3));
        assertEquals(SIZE - 3, burst.send(out.fd(), 3, SIZE));
        assertEquals(lengths.length - SIZE, burst.receive(in.fd()));
        assertEquals(2, burst.send(out.fd(), 0, 2));
        for (int i = 0; i < lengths.length; i++) {
            byte[] expected = new byte[lengths[i]];
            Arrays.fill(expected, (byte) i);
            assertArrayEquals(expected, received(target));
        }
    }

    @Test
    void whatWasKeptIsSent() throws Exception {
        DatagramSocket target = peer("127.0.0.1");
        UdpDescriptor out = opened(UdpDescriptor.connected(at("127.0.0.1", target.getLocalPort())));
        ByteBuffer kept =
                ByteBuffer.allocateDirect(8).put(new byte[] {9, 8, 7, 6}).flip();
        kept.position(1);
        burst.put(2, kept);
        assertEquals(3, kept.remaining());
        assertEquals(1, burst.send(out.fd(), 2, 3));
        assertArrayEquals(new byte[] {8, 7, 6}, received(target));
    }

    /** A connected socket is preferred to one that listens, and to those that are connected to others. */
    @Test
    void aConnectedSocketHearsItsPeerAlone() throws Exception {
        UdpDescriptor listening = opened(UdpDescriptor.listening(false, 0));
        int port = listening.localPort();
        DatagramSocket one = peer("::1");
        DatagramSocket two = peer("::1");
        DatagramSocket third = peer("::1");
        UdpDescriptor first = opened(UdpDescriptor.connected(at("::1", port), at("::1", one.getLocalPort())));
        UdpDescriptor second = opened(UdpDescriptor.connected(at("::1", port), at("::1", two.getLocalPort())));
        send(one, at("::1", port), (byte) 1);
        send(two, at("::1", port), (byte) 2);
        send(third, at("::1", port), (byte) 3);
        for (int i = 1; i <= 3; i++) {
            UdpDescriptor d = List.of(first, second, listening).get(i - 1);
            assertEquals(1, burst.receive(d.fd()));
            assertArrayEquals(new byte[] {(byte) i}, bytes(0));
            assertEquals(0, burst.receive(d.fd()));
        }
        burst.put(0, ByteBuffer.wrap(new byte[] {4}));
        assertEquals(1, burst.send(second.fd(), 0, 1));
        DatagramPacket answer = new DatagramPacket(new byte[9], 9);
        two.receive(answer);
        assertEquals(port, answer.getPort(), "from the port that was asked");
        one.setSoTimeout(1);
        assertThrows(SocketTimeoutException.class, () -> received(one));
    }

    @Test
    void anAddressOfALocalRouteWillDo() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.run("ip", "-6", "route", "add", "local", "2001:db8:5::/64", "dev", "lo");
            DatagramSocket client = host.call(() -> peer("::1"));
            UdpDescriptor flow = opened(host.call(
                    () -> UdpDescriptor.connected(at("2001:db8:5::d00", 4000), at("::1", client.getLocalPort()))));
            burst.put(0, ByteBuffer.wrap(new byte[] {1}));
            assertEquals(1, burst.send(flow.fd(), 0, 1));
            DatagramPacket p = new DatagramPacket(new byte[9], 9);
            client.receive(p);
            assertEquals(at("2001:db8:5::d00", 4000), p.getSocketAddress());
            send(client, at("2001:db8:5::d00", 4000), (byte) 2);
            assertEquals(1, burst.receive(flow.fd()));
        }
    }

    @Test
    void anIcmpErrorKeepsNothingFromBeingSent() throws Exception {
        int port;
        try (DatagramSocket gone = new DatagramSocket(0, inet("::1"))) {
            port = gone.getLocalPort();
        }
        UdpDescriptor out = opened(UdpDescriptor.connected(at("::1", port)));
        for (int i = 0; i < 4; i++) {
            burst.put(i, ByteBuffer.wrap(new byte[] {(byte) i}));
        }
        assertTrue(burst.send(out.fd(), 0, 2) > 0);
        long errors = burst.errors();
        try (DatagramSocket back = new DatagramSocket(port, inet("::1"))) {
            back.setSoTimeout(5000);
            assertEquals(2, burst.send(out.fd(), 2, 4));
            assertTrue(burst.errors() > errors, "there was one");
            assertArrayEquals(new byte[] {2}, received(back));
            assertArrayEquals(new byte[] {3}, received(back));
            errors = burst.errors();
        }
        burst.put(0, ByteBuffer.wrap(new byte[1]));
        assertEquals(1, burst.send(out.fd(), 0, 1));
        assertEquals(0, burst.receive(out.fd()), "it is passed over");
        assertEquals(errors + 1, burst.errors());
    }

    @Test
    void whatIsTooLongIsLostAlone() throws Exception {
        DatagramSocket target = peer("127.0.0.1");
        UdpDescriptor out = opened(UdpDescriptor.connected(at("127.0.0.1", target.getLocalPort())));
        burst.put(0, ByteBuffer.wrap(new byte[] {1}));
        burst.put(1, ByteBuffer.wrap(new byte[65_520])); // IPv6 has room for it, IPv4 has not
        burst.put(2, ByteBuffer.wrap(new byte[] {3}));
        assertEquals(2, burst.send(out.fd(), 0, 3));
        assertArrayEquals(new byte[] {1}, received(target));
        assertArrayEquals(new byte[] {3}, received(target));
    }

    /** As {@code agent.kernel} cuts sessions: it is seen as connected, destroyed, and then says so. */
    @Test
    void sockDiagSeesAndDestroysIt() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            UdpDescriptor listening = opened(host.call(() -> UdpDescriptor.listening(false, 4000)));
            UdpDescriptor flow = opened(host.call(() -> UdpDescriptor.connected(at("::1", 4000), at("::1", 4001))));
            SocketDiag diag = opened(host.call(SocketDiag::open));
            List<DiagSocket> found = diag.sockets(DiagSocket.AF_INET6, 17, SocketDiag.CONNECTED, 4000);
            assertEquals(1, found.size(), "one that only listens is none of them: " + found);
            assertEquals(4001, found.get(0).remotePort());
            diag.destroy(found.get(0));

            NetlinkException e = assertThrows(NetlinkException.class, () -> burst.receive(flow.fd()));
            assertEquals(Errno.ECONNABORTED, e.errno());
            assertEquals(
                    0,
                    diag.sockets(DiagSocket.AF_INET6, 17, SocketDiag.CONNECTED, 4000)
                            .size());
            assertEquals(0, burst.receive(listening.fd()));
        }
    }

    /** Who relays may be sending to it in that moment. */
    @Test
    void sendingToADestroyedOneSaysSo() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            UdpDescriptor flow = opened(host.call(() -> UdpDescriptor.connected(at("::1", 4000), at("::1", 4001))));
            SocketDiag diag = opened(host.call(SocketDiag::open));
            diag.destroy(diag.sockets(DiagSocket.AF_INET6, 17, SocketDiag.CONNECTED, 4000)
                    .get(0));
            burst.put(0, ByteBuffer.wrap(new byte[1]));
            assertThrows(NetlinkException.class, () -> burst.send(flow.fd(), 0, 1));
            assertThrows(NetlinkException.class, () -> burst.send(flow.fd(), 0, 1), "and goes on saying so");
        }
    }

    @Test
    void aPortThatSomebodyHasIsRefused() throws Exception {
        DatagramSocket taken = opened(new DatagramSocket(null));
        taken.bind(at("::1", 0));
        NetlinkException e =
                assertThrows(NetlinkException.class, () -> UdpDescriptor.listening(false, taken.getLocalPort())
                        .close());
        assertEquals("bind: EADDRINUSE", e.getMessage());
    }

    /** Even if he would share it: he would get half of what comes. */
    @Test
    void aPortThatSomebodyWouldShareIsRefused() throws Exception {
        DatagramSocket taken = opened(new DatagramSocket(null));
        taken.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        taken.bind(at("::", 0));
        NetlinkException e =
                assertThrows(NetlinkException.class, () -> UdpDescriptor.listening(false, taken.getLocalPort())
                        .close());
        assertEquals("bind: EADDRINUSE", e.getMessage());
    }

    @Test
    void movingAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        UdpDescriptor in = opened(UdpDescriptor.listening(false, 0));
        DatagramSocket target = peer("::1");
        UdpDescriptor out = opened(UdpDescriptor.connected(at("::1", target.getLocalPort())));
        DatagramSocket client = peer("::1");
        InetSocketAddress to = at("::1", in.localPort());
        byte[] bytes = new byte[1420];
        long least = Long.MAX_VALUE;
        int sum = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 10; i++) {
                send(client, to, bytes);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            long words = 0;
            for (int n = burst.receive(in.fd()); n > 0; n = burst.receive(in.fd())) { // and EAGAIN
                words += burst.sourceHigh(0) + burst.sourceLow(0) + burst.destinationHigh(0) + burst.destinationLow(0);
                sum += burst.send(out.fd(), 0, n);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            assertEquals(4, words); // twice from ::1 to ::1
            for (int i = 0; i < 10; i++) {
                assertEquals(bytes.length, received(target).length);
            }
        }
        assertEquals(50 * 10, sum);
        assertEquals(0, least, "bytes allocated for 10 datagrams");
    }

    @Test
    void whatCannotBeReadOrSentIsAnError() {
        assertThrows(NetlinkException.class, () -> burst.receive(-1));
        burst.put(0, ByteBuffer.wrap(new byte[1]));
        assertEquals(
                "sendmmsg: EBADF",
                assertThrows(NetlinkException.class, () -> burst.send(-1, 0, 1)).getMessage());
    }

    @Test
    void familiesAreNotMixed() {
        assertThrows(IllegalArgumentException.class, () -> UdpDescriptor.connected(at("::1", 0), at("127.0.0.1", 1))
                .close());
    }
}
