package org.mayfly.netlink.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
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
}
