package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets over loopback; every test on the native transport and on the portable one. */
@Timeout(60)
final class UdpSocketTest {
    private static final int MANY = 20_000;

    private final Arrivals arrivals = new Arrivals();

    static Stream<Transport> transports() {
        return ListenersTest.transports();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aDatagramIsAPacketWhateverItsLength(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::1", arrivals);
            DatagramSocket s = w.sender("::1");
            for (int length : new int[] {0, 1, 95, 96, 97, 98, 1500, 65507}) {
                byte[] bytes = new byte[length];
                Arrays.fill(bytes, (byte) length);
                w.send(s, bytes);
                Arrivals.Arrival a = arrivals.next();
                assertArrayEquals(Arrays.copyOf(bytes, Math.min(length, UdpWorld.ROOM)), a.bytes());
                assertEquals(0, a.high());
                assertEquals(1, a.low());
            }
            s.setSoTimeout(100);
            assertThrows(SocketTimeoutException.class, () -> s.receive(new DatagramPacket(new byte[1], 1)), "silence");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSourceIsTheAddressOfTheSenderOfEachPacket(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::", arrivals);
            DatagramSocket six = w.sender("::1");
            DatagramSocket four = w.sender("127.0.0.2");
            DatagramSocket other = w.sender("127.0.0.3");
            CountDownLatch release = w.holdLoop();
            for (int i = 0; i < 2; i++) {
                w.send(six, new byte[] {6});
                w.send(four, new byte[] {4});
                w.send(four, new byte[] {4});
                w.send(other, new byte[] {3});
            }
            release.countDown();
            for (int i = 0; i < 2; i++) {
                from(6, 1);
                from(4, 0xffff_7f00_0002L);
                from(4, 0xffff_7f00_0002L);
                from(3, 0xffff_7f00_0003L);
            }
            assertEquals(8, arrivals.nextBurst());
        }
    }

    private void from(int content, long low) throws InterruptedException {
        Arrivals.Arrival a = arrivals.next();
        assertArrayEquals(new byte[] {(byte) content}, a.bytes());
        assertEquals(0, a.high());
        assertEquals(low, a.low());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSocketOfIpv4Alone(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            for (String address : new String[] {"127.0.0.2", "0.0.0.0"}) {
                w.listen(address, arrivals);
                w.send(w.sender("127.0.0.2"), new byte[] {1});
                from(1, 0xffff_7f00_0002L);
            }
            try (DatagramSocket theOther = new DatagramSocket(w.port, UdpWorld.address("::1"))) {
                assertEquals(w.port, theOther.getLocalPort(), "0.0.0.0 leaves the port of IPv6 to others");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void manyComeInBurstsAndInOrder(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::1", arrivals);
            DatagramSocket s = w.sender("::1");
            CountDownLatch release = w.holdLoop();
            for (int i = 0; i < 150; i++) {
                w.send(s, new byte[] {(byte) i});
            }
            release.countDown();
            for (int i = 0; i < 150; i++) {
                assertArrayEquals(new byte[] {(byte) i}, arrivals.next().bytes());
            }
            for (int expected : new int[] {64, 64, 22}) {
                assertEquals(expected, arrivals.nextBurst());
            }
        }
    }

    /** The whole block is what it was when the packet was handed on, until the burst is over. */
    @ParameterizedTest
    @MethodSource("transports")
    void aBurstStaysInItsBlock(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            Arrivals again = new Arrivals();
            w.listen("::1", new PacketSink() {
                private final int[] offsets = new int[UdpSocket.BURST];
                private byte[] block = new byte[0];
                private int count;

                @Override
                public void packet(byte[] given, int offset, int length, long high, long low) {
                    block = given;
                    offsets[count++] = offset;
                }

                @Override
                public void burstOver() {
                    for (int i = 0; i < count; i++) {
                        again.packet(block, offsets[i], 1, 0, 0);
                    }
                    count = 0;
                    again.burstOver();
                }
            });
            DatagramSocket s = w.sender("::1");
            CountDownLatch release = w.holdLoop();
            for (int i = 0; i < UdpSocket.BURST; i++) {
                w.send(s, new byte[] {(byte) i});
            }
            release.countDown();
            assertEquals(UdpSocket.BURST, again.nextBurst());
            for (int i = 0; i < UdpSocket.BURST; i++) {
                assertArrayEquals(new byte[] {(byte) i}, again.next().bytes());
            }
        }
    }

    /** As fast as they can be sent without overrunning the receive buffer, and not one is lost, doubled or mixed up. */
    @ParameterizedTest
    @MethodSource("transports")
    void allOfManyArriveInOrder(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            // The kernel charges a packet with its overhead, 768 bytes here, to a buffer of twice what was asked for.
            int room = w.listen("::1", arrivals).receiveBuffer() * 2 / 1024;
            DatagramSocket s = w.sender("::1");
            for (int i = 0; i < MANY; i++) {
                while (i - arrivals.count() >= room) {
                    Thread.onSpinWait();
                }
                byte[] bytes = new byte[UdpWorld.LENGTH];
                ByteBuffer.wrap(bytes).putInt(0, i).putInt(UdpWorld.LENGTH - 4, ~i);
                w.send(s, bytes);
            }
            for (int i = 0; i < MANY; i++) {
                ByteBuffer b = ByteBuffer.wrap(arrivals.next().bytes());
                assertEquals(i, b.getInt(0));
                assertEquals(~i, b.getInt(UdpWorld.LENGTH - 4));
            }
        }
    }

    /** A flood that never ends: others on the loop have their turn all the same. */
    @ParameterizedTest
    @MethodSource("transports")
    void othersHaveTheirTurn(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::1", new Nowhere());
            try (Flood flood = new Flood(w, 1)) {
                flood.awaitBegin();
                for (int i = 0; i < 100; i++) {
                    assertTrue(w.onLoop(() -> true));
                }
            }
        }
    }
}
