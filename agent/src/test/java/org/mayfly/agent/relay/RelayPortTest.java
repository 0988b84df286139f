package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.RelayWorld.assertReset;
import static org.mayfly.agent.relay.RelayWorld.read;
import static org.mayfly.agent.relay.RelayWorld.send;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.netlink.diag.DiagSocket;
import org.mayfly.netlink.diag.SocketDiag;
import org.mayfly.netlink.testing.Lab;

/** One listener for all doors of a service, which asks at the door. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // the world is made by each test
final class RelayPortTest {
    private static final int TCP = 6;
    private static final byte[] WORD = {1, 2, 3};

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private volatile boolean admits = true;
    private RelayWorld world;

    @AfterEach
    void close() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    private RelayPort relay(int number) {
        return world.keep(new RelayPort(
                world.transport,
                world.main,
                world.pipes,
                number,
                world.target(ProxyHeader.NONE),
                (source, door, protocol, port) -> {
                    asked.add(source + " " + door + " " + protocol + " " + port + " "
                            + Thread.currentThread().getName());
                    return admits;
                }));
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    @Test
    void whoIsAdmittedIsHandedOn() throws Exception {
        world = new RelayWorld(100);
        int number = freePort();
        RelayPort port = relay(number);
        port.bind(false);
        Socket client = world.connect(RelayWorld.at("::1", number));
        Socket backend = world.accept();
        send(client, WORD);
        assertArrayEquals(WORD, read(backend, WORD.length));
        send(backend, WORD);
        assertArrayEquals(WORD, read(client, WORD.length));
        assertEquals("::1 ::1 tcp " + number + " mayfly-loop", asked.remove());
        admits = false;
        world.assertTurnedAway(RelayWorld.at("::1", number));
        send(client, WORD);
        assertArrayEquals(WORD, read(backend, WORD.length));
        assertEquals(1, world.pipes.counts().total(), "who is not admitted takes no room");
        port.close();
        RelayWorld.until(() -> refuses(number), "nobody listens"); // the JDK closes a socket when it selects again
        send(client, WORD);
        assertArrayEquals(WORD, read(backend, WORD.length));
    }

    private static boolean refuses(int number) {
        try (Socket socket = new Socket()) {
            socket.connect(RelayWorld.at("::1", number));
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void ipv4IsForWhoeverHasItUnlessItIsRelayedAsWell() throws Exception {
        world = new RelayWorld(100);
        try (ServerSocket other = new ServerSocket()) {
            other.bind(RelayWorld.at("127.0.0.1", 0));
            int number = other.getLocalPort();
            relay(number).bind(false);
            Socket client = world.connect(RelayWorld.at("127.0.0.1", number));
            send(client, WORD);
            assertArrayEquals(WORD, read(world.keep(other.accept()), WORD.length));
            RelayPort both = relay(number);
            IOException e = assertThrows(IOException.class, () -> both.bind(true));
            assertTrue(
                    String.valueOf(e.getMessage())
                            .matches("cannot listen on TCP \\[::\\]:" + number + " for .*in use.*"),
                    e::toString);
        }
        assertTrue(asked.isEmpty());
        int number = freePort();
        RelayPort both = relay(number);
        both.bind(true);
        assertEquals(2, both.addresses().size());
        Socket client = world.connect(RelayWorld.at("127.0.0.1", number));
        send(client, WORD);
        assertArrayEquals(WORD, read(world.accept(), WORD.length));
        assertEquals("127.0.0.1 :: tcp " + number + " mayfly-loop", asked.remove());
    }

    /** As a revocation does, and the end of a session that has lasted long enough. */
    @Test
    void theTargetIsResetWhereTheKernelEndsTheClientsConnection() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            world = host.call(() -> new RelayWorld(100));
            int number = 4711;
            host.call(() -> {
                relay(number).bind(false);
                return number;
            });
            try (SocketDiag diag = host.call(SocketDiag::open)) {
                for (boolean ended : new boolean[] {false, true}) {
                    Socket client = host.call(() -> world.connect(RelayWorld.at("::1", number)));
                    Socket backend = world.accept();
                    if (ended) {
                        client.shutdownOutput();
                        RelayWorld.assertEnd(backend);
                    }
                    List<DiagSocket> sessions = diag.sockets(DiagSocket.AF_INET6, TCP, SocketDiag.CONNECTED, number);
                    assertEquals(1, sessions.size(), "sock_diag sees it as any session");
                    diag.destroy(sessions.get(0));
                    assertReset(client);
                    if (ended) {
                        RelayWorld.until(() -> world.pipes.counts().open() == 0, "the pipe is over");
                    } else {
                        assertReset(backend);
                    }
                }
            }
        }
    }
}
