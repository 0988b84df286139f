package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that bring nothing, on loopback, of which every address is a network of its own. */
@Timeout(60)
final class TcpKnocksTest {
    private static final int LENGTH = 96;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Arrivals arrivals = new Arrivals();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private int port;
    private EventLoopGroup loop = Transport.nio().loop();

    static Stream<Transport> transports() {
        return Stream.of(Transport.epoll(), Transport.nio());
    }

    private TcpConnections listen(Transport transport, int most, int mostOfANetwork, Duration patience)
            throws IOException {
        loop = transport.loop();
        TcpConnections connections = new TcpConnections(most, mostOfANetwork, patience);
        Channel channel = TcpListener.of(transport, loop, LENGTH, arrivals, connections)
                .bind(new InetSocketAddress(loopback(1), 0))
                .syncUninterruptibly()
                .channel();
        open.push(() -> loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        open.push(() -> channel.close().sync());
        port = ((InetSocketAddress) channel.localAddress()).getPort();
        return connections;
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theOldestMakesRoom(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 4, 3, LONG);
        List<Socket> idle = new ArrayList<>();
        for (int i = 2; i < 6; i++) {
            idle.add(connect(i));
        }
        knock(6);
        assertReset(idle.get(0));
        assertOpen(idle.get(1));
        assertEquals(new TcpCounts(3, 5, 1, 0, 0), counts(connections));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whoHasManyMakesRoomForHimself(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 1000, 3, LONG);
        Socket older = connect(2);
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            idle.add(connect(3));
        }
        knock(3);
        for (int i = 0; i < 98; i++) {
            assertReset(idle.get(i));
        }
        assertOpen(older);
        assertOpen(idle.get(99));
        assertEquals(new TcpCounts(3, 102, 98, 0, 0), counts(connections));
    }

    /** Where one is the most the network is empty for a moment. */
    @ParameterizedTest
    @MethodSource("transports")
    void oneMayBeTheMost(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 1000, 1, LONG);
        Socket first = connect(2);
        Socket second = connect(2);
        Socket third = connect(2);
        assertReset(first);
        assertReset(second);
        assertOpen(third);
        assertEquals(new TcpCounts(1, 3, 2, 0, 0), counts(connections));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whoDripsIsLateAllTheSame(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 1000, 1000, Duration.ofMillis(300));
        Socket silent = connect(2);
        Socket dripping = connect(3);
        long begun = System.nanoTime();
        assertThrows(SocketException.class, () -> {
            dripping.setSoTimeout(20);
            for (int i = 0; i < LENGTH - 1; i++) {
                dripping.getOutputStream().write(i);
                try {
                    assertEquals(-1, dripping.getInputStream().read());
                } catch (SocketTimeoutException e) {
                    // open still
                }
            }
        });
        assertTrue(System.nanoTime() - begun < 1_500_000_000L, "it does not depend on how slowly it came");
        assertReset(silent);
        assertEquals(new TcpCounts(0, 2, 0, 2, 0), counts(connections));
        knock(4);
        Socket later = connect(5);
        assertReset(later);
        assertEquals(new TcpCounts(0, 4, 0, 3, 0), counts(connections));
        assertEquals(1, arrivals.count());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPacketInPiecesIsOne(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 4, 4, LONG);
        Socket slow = connect(2);
        byte[] packet = packet(2);
        for (int i = 0; i < LENGTH; i++) {
            slow.getOutputStream().write(packet, i, 1);
            if (i == 40) {
                knock(3); // in between, and what is in of the other one stays
            }
        }
        assertArrayEquals(packet, arrivals.next().bytes());
        assertReset(slow);
        assertEquals(new TcpCounts(0, 2, 0, 0, 0), counts(connections));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatComesAfterThePacketIsNothing(Transport transport) throws Exception {
        listen(transport, 4, 4, LONG);
        Socket s = connect(2);
        byte[] more = Arrays.copyOf(packet(2), 10 * LENGTH);
        s.getOutputStream().write(more);
        assertArrayEquals(packet(2), arrivals.next().bytes());
        assertReset(s);
        assertEquals(1, arrivals.count());
    }

    /** What is done when accept(2) fails. */
    @ParameterizedTest
    @MethodSource("transports")
    void someMakeRoomWhenThereIsNoDescriptor(Transport transport) throws Exception {
        TcpConnections connections = listen(transport, 1000, 1000, LONG);
        assertEquals(false, loop.submit(connections::acceptFailed).get());
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            idle.add(connect(2));
        }
        knock(3);
        assertEquals(true, loop.submit(connections::acceptFailed).get());
        for (int i = 0; i < 3; i++) {
            assertReset(idle.get(i));
        }
        assertOpen(idle.get(3));
        assertEquals(new TcpCounts(7, 11, 3, 0, 2), counts(connections));
    }

    private TcpCounts counts(TcpConnections connections) throws Exception {
        return loop.submit(connections::counts).get();
    }

    private Socket connect(int host) throws IOException {
        Socket s = new Socket();
        open.push(s);
        s.setTcpNoDelay(true);
        s.bind(new InetSocketAddress(loopback(host), 0));
        s.connect(new InetSocketAddress(loopback(1), port));
        return s;
    }

    private static InetAddress loopback(int host) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host});
    }

    private static byte[] packet(int fill) {
        byte[] packet = new byte[LENGTH];
        Arrays.fill(packet, (byte) fill);
        return packet;
    }

    /** Sends a packet from there, which arrives; all connections from before are in by then. */
    private void knock(int host) throws Exception {
        Socket s = connect(host);
        s.getOutputStream().write(packet(host));
        assertArrayEquals(packet(host), arrivals.next().bytes());
        assertReset(s);
    }

    private static void assertReset(Socket s) throws IOException {
        s.setSoTimeout(10_000);
        SocketException e =
                assertThrows(SocketException.class, () -> s.getInputStream().read());
        assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
    }

    private static void assertOpen(Socket s) throws IOException {
        s.setSoTimeout(100);
        assertThrows(SocketTimeoutException.class, () -> s.getInputStream().read());
    }
}
