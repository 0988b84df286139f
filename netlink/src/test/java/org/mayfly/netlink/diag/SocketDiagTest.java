package org.mayfly.netlink.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** Real connections, over both families, to a dual-stack listener. */
final class SocketDiagTest {
    private static final int TCP = 6;

    private final Lab lab = new Lab();
    private Lab.Host host;
    private SocketDiag diag;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        diag = host.call(SocketDiag::open);
    }

    @AfterEach
    void close() {
        if (diag != null) { // nothing was opened where the test was skipped
            diag.close();
        }
        lab.close();
    }

    @Test
    void aConnectionIsFoundByItsPortAndEnded() throws Exception {
        for (String address : List.of("::1", "127.0.0.1")) {
            InetAddress to = InetAddress.getByName(address);
            try (ServerSocket listener = host.call(() -> new ServerSocket(0));
                    Socket client = host.call(() -> new Socket(to, listener.getLocalPort()));
                    Socket accepted = host.call(listener::accept)) {
                List<DiagSocket> found =
                        diag.sockets(DiagSocket.AF_INET6, TCP, SocketDiag.CONNECTED, listener.getLocalPort());
                assertEquals(1, found.size(), address);
                DiagSocket s = found.get(0);
                assertEquals(to, s.local());
                assertEquals(client.getLocalPort(), s.remotePort());
                assertEquals(client.getInetAddress(), s.remote());
                diag.destroy(s);
                assertThrows(IOException.class, () -> client.getInputStream().read(), "a reset, and no end of file");
                assertThrows(IOException.class, () -> diag.destroy(s));
                assertEquals(address.contains(":"), accepted.getInetAddress() instanceof Inet6Address);
            }
        }
    }

    @Test
    void socketsOfOtherPortsAreNotShown() throws Exception {
        try (ServerSocket listener = host.call(() -> new ServerSocket(0));
                Socket client = host.call(() -> new Socket(listener.getInetAddress(), listener.getLocalPort()))) {
            assertEquals(List.of(), diag.sockets(DiagSocket.AF_INET6, TCP, SocketDiag.CONNECTED, 1));
            assertEquals(
                    1,
                    diag.sockets(DiagSocket.AF_INET6, TCP, SocketDiag.CONNECTED, client.getLocalPort())
                            .size());
        }
    }

    /** Both kinds of listener, sessions of both families, and every part of the filter. */
    @Test
    void theKernelChoosesByAddressAndPort() throws Exception {
        InetAddress six = InetAddress.getByName("2001:db8::1");
        InetAddress four = InetAddress.getByName("192.0.2.1");
        host.address("2001:db8::1/128", "lo");
        host.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
        try (ServerSocket both = host.call(() -> new ServerSocket(0));
                ServerSocket old = host.call(() -> new ServerSocket(0, 9, four));
                Socket a = host.call(() -> new Socket(six, both.getLocalPort()));
                Socket b = host.call(() -> new Socket(four, both.getLocalPort()));
                Socket c = host.call(() -> new Socket(four, old.getLocalPort()))) {
            assertEquals(
                    List.of(six), locals(SocketFilter.local(six).and(SocketFilter.localPort(both.getLocalPort()))));
            assertEquals(
                    List.of(four), locals(SocketFilter.local(four).and(SocketFilter.localPort(both.getLocalPort()))));
            assertEquals(
                    List.of(four), locals(SocketFilter.local(four).and(SocketFilter.localPort(old.getLocalPort()))));
            assertEquals(List.of(six), locals(SocketFilter.remotePort(a.getLocalPort())));
            assertEquals(
                    List.of(four), locals(SocketFilter.remote(four).and(SocketFilter.remotePort(b.getLocalPort()))));
            assertEquals(4, locals(SocketFilter.remote(four)).size());
            assertEquals(6, locals(SocketFilter.ANY).size());
            assertEquals(List.of(), locals(SocketFilter.local(six).and(SocketFilter.remote(four))));
            assertEquals(
                    1,
                    host.run("ss", "-Htn", "src", "192.0.2.1", "sport", "=", ":" + c.getPort())
                            .lines()
                            .count());
        }
    }

    /** Every expression, judged by what ss finds with the same words. */
    @Test
    void expressionsMeanWhatSsMeans() throws Exception {
        host.address("2001:db8::1/128", "lo");
        host.address("192.0.2.1/24", "lo");
        InetAddress six = InetAddress.getByName("2001:db8::1");
        InetAddress four = InetAddress.getByName("192.0.2.1");
        SocketFilter netSix = SocketFilter.remote(InetAddress.getByName("2001:db8::"), 32);
        SocketFilter netFour = SocketFilter.local(InetAddress.getByName("192.0.2.0"), 24);
        try (ServerSocket low = host.call(() -> new ServerSocket(2222));
                ServerSocket high = host.call(() -> new ServerSocket(61_222, 9, four));
                Socket a = host.call(() -> new Socket(six, low.getLocalPort()));
                Socket b = host.call(() -> new Socket(four, 2222));
                Socket c = host.call(() -> new Socket(four, high.getLocalPort()))) {
            SocketFilter lowPorts = SocketFilter.localPorts(2000, 3000);
            SocketFilter farPorts = SocketFilter.remotePorts(61_000, 62_000);
            assertEquals(1, same(netSix.and(lowPorts)));
            assertEquals(2, same(lowPorts));
            assertEquals(1, same(farPorts));
            assertEquals(3, same(lowPorts.or(farPorts)));
            assertEquals(6, same(SocketFilter.localPorts(0, 65_535)));
            assertEquals(3, same(netFour.and(SocketFilter.localPort(2222).not())));
            assertEquals(2, same(netFour.or(netSix).not().or(SocketFilter.remotePort(2222))));
            assertEquals(4, same(netSix.not().and(SocketFilter.localPort(1).not())));
            assertEquals(3, same(lowPorts.or(netFour.and(farPorts)).and(SocketFilter.ANY)));
            assertEquals(0, same(netSix.and(netFour)));
            assertEquals(6, same(SocketFilter.mark(0, -1)));
            assertEquals(0, same(SocketFilter.mark(1, 1)));
            assertEquals(List.of(), locals(SocketFilter.boundTo(1)), "ss looks at this by itself");
            assertEquals(6, locals(SocketFilter.boundTo(0)).size());
            assertEquals(List.of(), locals(SocketFilter.cgroup(Long.MAX_VALUE)));
            for (Socket client : List.of(a, b, c)) {
                assertEquals(1, same(SocketFilter.localPort(client.getLocalPort())));
            }
        }
    }

    /** How many sockets there are that the filter lets through; ss must find the same. */
    private int same(SocketFilter filter) throws Exception {
        String found = diag.sockets(TCP, SocketDiag.CONNECTED, filter).stream()
                .map(s -> s.localPort() + " " + s.remotePort())
                .sorted()
                .toList()
                .toString();
        String shown = host.run("ss", "-Htn", "state", "connected", filter.toString())
                .lines()
                .map(line -> line.replaceAll(".*:(\\d+) +\\S*:(\\d+).*", "$1 $2"))
                .sorted()
                .toList()
                .toString();
        assertEquals(shown, found, filter::toString);
        return found.equals("[]") ? 0 : found.split(",", -1).length;
    }

    @Test
    void oneBoundToAnInterfaceIsFoundByIt() throws Exception {
        Lab.Host other = lab.host();
        lab.join(host, "left", other, "right");
        String line = host.run("ip", "-o", "link", "show", "left");
        int left = Integer.parseInt(line.substring(0, line.indexOf(':')));
        Inet6Address there =
                Inet6Address.getByAddress(null, InetAddress.getByName("fe80::b").getAddress(), left);
        try (ServerSocket listener = other.call(() -> new ServerSocket(0));
                Socket client = host.call(() -> new Socket(there, listener.getLocalPort()))) {
            List<DiagSocket> found = diag.sockets(TCP, SocketDiag.CONNECTED, SocketFilter.boundTo(left));
            assertEquals(1, found.size());
            assertEquals(client.getLocalPort(), found.get(0).localPort());
            assertEquals(left, found.get(0).interfaceIndex());
            assertEquals(List.of(), diag.sockets(TCP, SocketDiag.CONNECTED, SocketFilter.boundTo(1)));
        }
    }

    @Test
    void oneSocketIsAskedForAndLookedAtAgain() throws Exception {
        InetAddress six = InetAddress.getByAddress(HexFormat.of().parseHex("00".repeat(15) + "01"));
        try (ServerSocket listener = host.call(() -> new ServerSocket(0));
                Socket client = host.call(() -> new Socket(six, listener.getLocalPort()))) {
            client.getOutputStream().write(new byte[3]);
            InetSocketAddress local = new InetSocketAddress(six, listener.getLocalPort());
            InetSocketAddress remote = new InetSocketAddress(six, client.getLocalPort());
            DiagSocket s = diag.socket(DiagSocket.AF_INET6, TCP, local, remote, 0, DiagSocket.INET_DIAG_INFO)
                    .orElseThrow();
            assertEquals(3, s.receiveQueue());
            assertEquals(client.getLocalPort(), s.remotePort());
            String shown = host.run("ss", "-Htnei", "sport", "=", ":" + listener.getLocalPort());
            assertTrue(shown.contains("ino:" + s.inode() + " sk:" + Long.toHexString(s.cookie())), shown);
            assertTrue(s.attribute(DiagSocket.INET_DIAG_INFO).orElseThrow().length() >= 192, "struct tcp_info");
            assertTrue(s.attribute(DiagSocket.INET_DIAG_CONG).isEmpty(), "nobody asked for it");
            assertEquals(s.cookie(), diag.again(s).orElseThrow().cookie());
            assertTrue(diag.again(s, DiagSocket.INET_DIAG_CONG)
                    .orElseThrow()
                    .attribute(DiagSocket.INET_DIAG_CONG)
                    .isPresent());
            List<DiagSocket> all = diag.sockets(
                    DiagSocket.AF_INET6,
                    TCP,
                    SocketDiag.CONNECTED,
                    SocketFilter.localPort(listener.getLocalPort()),
                    DiagSocket.INET_DIAG_SKMEMINFO,
                    DiagSocket.INET_DIAG_MEMINFO);
            assertEquals(
                    36,
                    all.get(0)
                            .attribute(DiagSocket.INET_DIAG_SKMEMINFO)
                            .orElseThrow()
                            .length());
            assertEquals(
                    16,
                    all.get(0)
                            .attribute(DiagSocket.INET_DIAG_MEMINFO)
                            .orElseThrow()
                            .length());
            diag.destroy(s);
            assertEquals(Optional.empty(), diag.again(s), "the listener is another socket");
            DiagSocket now =
                    diag.socket(DiagSocket.AF_INET6, TCP, local, remote, 0).orElseThrow();
            assertEquals(10, now.state(), "TCP_LISTEN: what a packet from there would come to");
        }
    }

    @Test
    void errorsNameTheMessage() throws Exception {
        SocketFilter filter = SocketFilter.localPort(1);
        NetlinkException e = assertThrows(NetlinkException.class, () -> diag.sockets(250, TCP, 1, filter));
        assertEquals("SOCK_DIAG_BY_FAMILY: EINVAL", e.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> diag.sockets(DiagSocket.AF_INET6, TCP, -1, filter, DiagSocket.INET_DIAG_MARK));
    }

    private List<InetAddress> locals(SocketFilter filter) throws IOException {
        return diag.sockets(TCP, SocketDiag.CONNECTED, filter).stream()
                .map(DiagSocket::local)
                .toList();
    }

    @Test
    void udpSocketsAreFound() throws Exception {
        try (DatagramSocket socket = host.call(() -> new DatagramSocket(0))) {
            List<DiagSocket> found = diag.sockets(17, -1, SocketFilter.localPort(socket.getLocalPort()));
            assertEquals(1, found.size());
            assertEquals(socket.getLocalPort(), found.get(0).localPort());
        }
    }
}
