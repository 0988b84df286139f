package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;

/** A client, a shared port and a target, on loopback. */
final class RelayWorld implements AutoCloseable {
    static final int LENGTH = 96;
    private static final int PATIENCE_MILLIS = 10_000;

    final Transport transport = Transport.epoll();
    final MultiThreadIoEventLoopGroup main;
    final Pipes pipes;
    final Heard heard = new Heard();
    final ServerSocket target;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    RelayWorld(int limit) throws IOException {
        this(limit, Dialing.PATIENCE);
    }

    RelayWorld(int limit, Duration patience) throws IOException {
        main = transport.loop();
        open.push(() -> main.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly());
        pipes = keep(new Pipes(transport, limit, patience));
        target = keep(new ServerSocket(0, 5000, literal("127.0.0.1")));
        target.setSoTimeout(PATIENCE_MILLIS);
    }

    static InetAddress literal(String address) {
        return Ip6Address.parse(address).toInetAddress();
    }

    static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(literal(address), port);
    }

    <T extends AutoCloseable> T keep(T resource) {
        open.push(resource);
        return resource;
    }

    Target target(ProxyHeader proxy) {
        return new Target("127.0.0.1", target.getLocalPort(), proxy, false);
    }

    SharedPort share() throws IOException {
        return share(target(ProxyHeader.NONE));
    }

    SharedPort share(Target to) throws IOException {
        SharedPort port = keep(new SharedPort(transport, main, pipes, to, LENGTH, heard));
        port.bind(at("::1", 0));
        return port;
    }

    Socket connect(SharedPort port) throws IOException {
        return connect(port.addresses().get(0));
    }

    Socket connect(InetSocketAddress to) throws IOException {
        Socket socket = keep(new Socket());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(to, PATIENCE_MILLIS);
        return socket;
    }

    Socket accept() throws IOException {
        Socket socket = keep(target.accept());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Ends a connection as a process does that is killed with bytes unread. */
    static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    static void send(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    static byte[] read(Socket socket, int count) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(count);
        assertEquals(count, bytes.length, "it ended early");
        return bytes;
    }

    static void assertEnd(Socket socket) throws IOException {
        assertEquals(-1, socket.getInputStream().read());
    }

    /** Reads what there still is, and then a reset, not an end. */
    static void assertReset(Socket socket) {
        SocketException e = assertThrows(SocketException.class, () -> {
            int n = socket.getInputStream().readAllBytes().length;
            throw new AssertionError("an end after " + n + " bytes");
        });
        assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
    }

    /** It is accepted, and reset: before the client knows that it is connected, or after. */
    void assertTurnedAway(InetSocketAddress to) throws IOException {
        try {
            assertReset(connect(to));
        } catch (SocketException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
        }
    }

    void assertTurnedAway(SharedPort port) throws IOException {
        assertTurnedAway(port.addresses().get(0));
    }

    /** Nothing comes, and no end: tried for a moment only. */
    static void assertQuiet(Socket socket) throws IOException {
        socket.setSoTimeout(50);
        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /** Waits for what another thread does. */
    static void until(BooleanSupplier isSo, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not in time: " + what);
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }
}
