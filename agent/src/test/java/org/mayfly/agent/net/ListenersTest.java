package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.knock.Ip6Address;

/** Real sockets on loopback; every test on the native transport and on the portable one. */
final class ListenersTest {
    private static final int LENGTH = 96;

    private final Arrivals arrivals = new Arrivals();
    private final List<AutoCloseable> open = new ArrayList<>();

    static Stream<Transport> transports() {
        assertTrue(
                Transport.best().name().equals("epoll"), "the native transport is on the class path and this is Linux");
        return Stream.of(Transport.epoll(), Transport.nio());
    }

    private Listeners listeners(Transport transport) {
        EventLoopGroup loop = transport.loop();
        Listeners listeners = new Listeners(transport, loop, LENGTH, arrivals);
        open.add(listeners);
        open.add(() -> loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        return listeners;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theFirstBytesOfAConnectionAreAPacketAndItIsClosedWithoutAWord(Transport transport) throws Exception {
        int port = freePort();
        listeners(transport).tcp(new InetSocketAddress(address("::1"), port));
        byte[] packet = new byte[LENGTH];
        Arrays.fill(packet, (byte) 7);
        try (Socket s = new Socket(address("::1"), port)) {
            s.setTcpNoDelay(true);
            s.getOutputStream().write(packet, 0, 50);
            s.getOutputStream().write(packet, 50, LENGTH - 50);
            assertReset(s);
        }
        Arrivals.Arrival a = arrivals.next();
        assertArrayEquals(packet, a.bytes());
        assertEquals(0, a.high());
        assertEquals(1, a.low());
        assertEquals(1, arrivals.nextBurst());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aConnectionThatBringsLessIsNoPacket(Transport transport) throws Exception {
        int port = freePort();
        listeners(transport).tcp(new InetSocketAddress(address("::1"), port));
        try (Socket s = new Socket(address("::1"), port)) {
            s.getOutputStream().write(new byte[LENGTH - 1]);
            s.shutdownOutput();
            assertReset(s);
        }
        assertEquals(0, arrivals.count());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPortThatIsTakenIsNamed(Transport transport) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, address("::1"))) {
            InetSocketAddress address = new InetSocketAddress(address("::1"), taken.getLocalPort());
            Listeners listeners = listeners(transport);
            IOException e = assertThrows(IOException.class, () -> listeners.tcp(address));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("cannot listen on TCP [0:0:0:0:0:0:0:1]:" + taken.getLocalPort()), message);
            assertTrue(message.contains("ss -l"), message);
        }
        try (DatagramSocket taken = new DatagramSocket(0, address("::1"))) {
            InetSocketAddress address = new InetSocketAddress(address("::1"), taken.getLocalPort());
            Listeners listeners = listeners(transport);
            IOException e = assertThrows(IOException.class, () -> listeners.udp(address));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("cannot listen on UDP [0:0:0:0:0:0:0:1]:" + taken.getLocalPort()), message);
            assertTrue(message.contains("ss -l"), message);
        }
    }

    /** What comes out depends on the machine and on what we may do here. */
    @ParameterizedTest
    @MethodSource("transports")
    void aReceiveBufferThatIsTooSmallIsToldOfOnce(Transport transport) throws Exception {
        int bytes;
        try (UdpWorld w = new UdpWorld(transport)) {
            bytes = w.listen("::1", arrivals).receiveBuffer();
        }
        Listeners listeners = listeners(transport);
        assertEquals("", listeners.warning());
        int first = freePort();
        listeners.udp(new InetSocketAddress(address("::1"), first));
        listeners.udp(new InetSocketAddress(address("127.0.0.1"), freePort()));
        String warning = listeners.warning();
        assertEquals(bytes < 1 << 20, !warning.isEmpty(), warning);
        if (!warning.isEmpty()) {
            assertTrue(warning.contains("]:" + first + " is only " + bytes / 1024 + " KiB"), warning);
            assertTrue(warning.endsWith("sysctl net.core.rmem_max=16777216"), warning);
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void tellsDescriptorsAndDropsWhereItCan(Transport transport) throws Exception {
        Listeners listeners = listeners(transport);
        listeners.udp(new InetSocketAddress(address("::1"), freePort()));
        listeners.udp(new InetSocketAddress(address("127.0.0.1"), freePort()));
        assertEquals(
                transport.name().equals("epoll") ? 2 : 0,
                listeners.udpDescriptors().size());
        assertEquals(0, listeners.dropped());
    }

    /** A reset, which leaves nothing behind on our side, and no word. */
    private static void assertReset(Socket s) {
        SocketException e =
                assertThrows(SocketException.class, () -> s.getInputStream().read());
        assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
    }

    private static InetAddress address(String literal) {
        return Ip6Address.parse(literal).toInetAddress();
    }

    private static int freePort() throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, address("::1"))) {
            return s.getLocalPort();
        }
    }
}
