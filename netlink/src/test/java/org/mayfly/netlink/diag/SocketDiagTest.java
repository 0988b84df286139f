package org.mayfly.netlink.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
        diag.close();
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
            assertEquals(List.of(six), locals(SocketFilter.ANY.withLocal(six).withLocalPort(both.getLocalPort())));
            assertEquals(List.of(four), locals(SocketFilter.ANY.withLocal(four).withLocalPort(both.getLocalPort())));
            assertEquals(List.of(four), locals(SocketFilter.ANY.withLocal(four).withLocalPort(old.getLocalPort())));
            assertEquals(List.of(six), locals(SocketFilter.ANY.withRemotePort(a.getLocalPort())));
            assertEquals(List.of(four), locals(SocketFilter.ANY.withRemote(four).withRemotePort(b.getLocalPort())));
            assertEquals(4, locals(SocketFilter.ANY.withRemote(four)).size());
            assertEquals(6, locals(SocketFilter.ANY).size());
            assertEquals(List.of(), locals(SocketFilter.ANY.withLocal(six).withRemote(four)));
            assertEquals(
                    1,
                    host.run("ss", "-Htn", "src", "192.0.2.1", "sport", "=", ":" + c.getPort())
                            .lines()
                            .count());
        }
    }

    private List<InetAddress> locals(SocketFilter filter) throws IOException {
        return diag.sockets(TCP, SocketDiag.CONNECTED, filter).stream()
                .map(DiagSocket::local)
                .toList();
    }

    @Test
    void udpSocketsAreFound() throws Exception {
        try (DatagramSocket socket = host.call(() -> new DatagramSocket(0))) {
            List<DiagSocket> found = diag.sockets(17, -1, SocketFilter.ANY.withLocalPort(socket.getLocalPort()));
            assertEquals(1, found.size());
            assertEquals(socket.getLocalPort(), found.get(0).localPort());
        }
    }
}
