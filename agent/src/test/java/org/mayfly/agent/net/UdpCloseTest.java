package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a socket, while packets come in: nothing is read afterwards, and no descriptor is left. */
@Timeout(60)
final class UdpCloseTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Nowhere sink = new Nowhere();

    static Stream<Transport> transports() {
        return ListenersTest.transports();
    }

    private static long sockets() throws IOException {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.filter(UdpCloseTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // it was what the directory was read by
        }
    }

    /** The selector of the JDK closes a descriptor a moment later than it was told to. */
    private static void awaitSockets(long expected) throws IOException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (sockets() != expected && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(expected, sockets());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void nothingIsReadAfterwards(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport);
                Flood flood = new Flood(w, 1)) {
            flood.awaitBegin();
            long before = sockets();
            for (int i = 0; i < 20; i++) {
                long packets = sink.packets();
                UdpSocket socket = w.listen("::1", sink);
                while (sink.packets() == packets) {
                    Thread.onSpinWait();
                }
                socket.close();
                packets = sink.packets();
                assertTrue(w.onLoop(() -> true), "the loop lives");
                socket.close();
                assertEquals(packets, sink.packets());
            }
            awaitSockets(before);
        }
    }

    /** What receives may find out that it should not any more. */
    @ParameterizedTest
    @MethodSource("transports")
    void onTheLoopInTheMidstOfABurst(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            long before = sockets();
            UdpSocket[] socket = new UdpSocket[1];
            socket[0] = w.listen("::1", new PacketSink() {
                @Override
                public void packet(byte[] block, int offset, int length, long high, long low) {
                    sink.packet(block, offset, length, high, low);
                }

                @Override
                public void burstOver() {
                    socket[0].close();
                }
            });
            try (Flood flood = new Flood(w, 1)) {
                flood.awaitBegin();
                while (sink.packets() == 0) {
                    Thread.onSpinWait();
                }
            }
            assertTrue(w.onLoop(() -> true), "the loop lives");
            awaitSockets(before + 1); // the sender
            assertTrue(sink.packets() <= UdpSocket.BURST, () -> sink.packets() + " packets");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void afterItsLoopHasEnded(Transport transport) throws Exception {
        long before = sockets();
        UdpWorld w = new UdpWorld(transport);
        UdpSocket socket = w.listen("::1", sink);
        assertEquals(before + 1, sockets());
        w.group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        socket.close();
        awaitSockets(before);
        w.close();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatCannotBeBoundLeavesNoDescriptor(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::1", sink);
            long before = sockets();
            InetSocketAddress taken = new InetSocketAddress(UdpWorld.address("::1"), w.port);
            for (int i = 0; i < 5; i++) {
                assertThrows(IOException.class, () -> transport.udp().open(w.loop, taken, UdpWorld.ROOM, sink));
            }
            awaitSockets(before);
        }
    }
}
