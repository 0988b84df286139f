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
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** Datagrams over loopback, and the receiver called by hand. */
final class DatagramReceiverTest {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int ROOM = 97;

    private final List<Integer> descriptors = new ArrayList<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    private int port;

    /** Binds a socket to the unspecified address of a family, and to a port of the kernel's choice. */
    private int bound(int family) {
        int fd = Libc.CALLS.socket(family, SOCK_DGRAM, 0);
        assertTrue(fd >= 0);
        descriptors.add(fd);
        long at = Libc.address(scratch);
        scratch.put(0, new byte[64]).putShort(0, (short) family).putInt(32, 28);
        assertEquals(0, Libc.CALLS.bind(fd, at, family == AF_INET ? 16 : 28));
        assertEquals(0, Libc.CALLS.getsockname(fd, at, at + 32));
        port = Short.toUnsignedInt(
                scratch.duplicate().order(ByteOrder.BIG_ENDIAN).getShort(2));
        return fd;
    }

    private DatagramReceiver receiver(int family) {
        return new DatagramReceiver(bound(family), ROOM);
    }

    @AfterEach
    void close() {
        descriptors.forEach(Libc.CALLS::close);
    }

    private void send(String from, byte[] bytes) throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, inet(from))) {
            send(s, bytes);
        }
    }

    /** To the address that it has itself, so that all is on this host. */
    private void send(DatagramSocket from, byte[] bytes) throws IOException {
        InetAddress to = from.getLocalAddress();
        from.send(new DatagramPacket(bytes, bytes.length, to, port));
    }

    private static InetAddress inet(String address) throws IOException {
        return InetAddress.getByName(address);
    }

    private static byte[] taken(DatagramReceiver r, int index) {
        return Arrays.copyOfRange(r.block(), r.offset(index), r.offset(index) + r.length(index));
    }

    @Test
    void bytesAndLengthsAsTheyWereSent() throws Exception {
        DatagramReceiver r = receiver(AF_INET6);
        int[] lengths = {0, 1, 95, 96, 97, 98, 1500, 65507};
        for (int length : lengths) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) length);
            send("::1", bytes);
        }
        assertEquals(lengths.length, r.receive());
        for (int i = 0; i < lengths.length; i++) {
            byte[] expected = new byte[Math.min(lengths[i], ROOM)];
            Arrays.fill(expected, (byte) lengths[i]);
            assertArrayEquals(expected, taken(r, i), () -> "what is longer than the room is cut to it");
        }
        assertEquals(0, r.receive());
    }

    @Test
    void aSourceIsTwoWords() throws Exception {
        DatagramReceiver six = receiver(AF_INET6);
        send("::1", new byte[1]);
        send("127.0.0.2", new byte[1]);
        assertEquals(2, six.receive());
        assertEquals(0, six.sourceHigh(0));
        assertEquals(1, six.sourceLow(0));
        assertEquals(0, six.sourceHigh(1));
        assertEquals(0xffff_7f00_0002L, six.sourceLow(1));

        DatagramReceiver four = receiver(AF_INET);
        send("127.0.0.3", new byte[1]);
        assertEquals(1, four.receive());
        assertEquals(0, four.sourceHigh(0));
        assertEquals(0xffff_7f00_0003L, four.sourceLow(0));
    }

    @Test
    void allHalvesOfAnAddress() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.address("2001:db8:8765:4321:fedc:ba98:7654:3210/64", "lo");
            DatagramReceiver r = host.call(() -> receiver(AF_INET6));
            host.call(() -> {
                send("2001:db8:8765:4321:fedc:ba98:7654:3210", new byte[1]);
                return null;
            });
            assertEquals(1, r.receive());
            assertEquals(0x2001_0db8_8765_4321L, r.sourceHigh(0));
            assertEquals(0xfedc_ba98_7654_3210L, r.sourceLow(0));
        }
    }

    @Test
    void manyComeInBurstsAndInOrder() throws Exception {
        DatagramReceiver r = receiver(AF_INET6);
        try (DatagramSocket s = new DatagramSocket(0, inet("::1"))) {
            for (int i = 0; i < 150; i++) {
                send(s, new byte[] {(byte) i});
            }
        }
        int next = 0;
        for (int expected : new int[] {64, 64, 22, 0}) {
            assertEquals(expected, r.receive());
            for (int i = 0; i < expected; i++) {
                assertArrayEquals(new byte[] {(byte) next++}, taken(r, i));
            }
        }
    }

    /** Only a socket that sends gets them, so this one does. */
    @Test
    void anIcmpErrorIsPassedOver() throws Exception {
        int fd = bound(AF_INET6);
        DatagramReceiver r = new DatagramReceiver(fd, ROOM);
        int peer;
        try (DatagramSocket s = new DatagramSocket(0, inet("::1"))) {
            peer = s.getLocalPort();
        }
        long at = Libc.address(scratch);
        scratch.put(0, new byte[28]).putShort(0, (short) AF_INET6).put(23, (byte) 1);
        scratch.duplicate().order(ByteOrder.BIG_ENDIAN).putShort(2, (short) peer);
        assertEquals(0, Libc.CALLS.connect(fd, at, 28));
        assertEquals(1, Libc.CALLS.send(fd, at, 1, 0));
        assertEquals(-1, Libc.CALLS.recv(fd, at, 1, MSG_DONTWAIT));
        assertEquals(Errno.ECONNREFUSED, Libc.errno(), "there is one");

        assertEquals(1, Libc.CALLS.send(fd, at, 1, 0));
        try (DatagramSocket s = new DatagramSocket(peer, inet("::1"))) {
            send(s, new byte[] {5});
        }
        assertEquals(1, r.receive());
        assertArrayEquals(new byte[] {5}, taken(r, 0));
    }

    @Test
    void whatCannotBeReadIsAnError() {
        DatagramReceiver r = new DatagramReceiver(-1, ROOM);
        NetlinkException e = assertThrows(NetlinkException.class, r::receive);
        assertEquals("recvmmsg: EBADF", e.getMessage());
        assertThrows(NetlinkException.class, () -> r.receiveBuffer(1));
        assertThrows(NetlinkException.class, r::dropped);
    }

    @Test
    void theReceiveBufferMayBeLargerThanTheMachineAllows() throws Exception {
        try (Lab lab = new Lab()) { // in which we have CAP_NET_ADMIN
            DatagramReceiver r = lab.host().call(() -> receiver(AF_INET6));
            assertEquals(64 << 20, r.receiveBuffer(64 << 20));
            assertEquals(8192, r.receiveBuffer(8192));
        }
    }

    @Test
    void whatFindsNoRoomIsCounted() throws Exception {
        DatagramReceiver r = receiver(AF_INET6);
        r.receiveBuffer(8192);
        assertEquals(0, r.dropped());
        long dropped = 0;
        for (int round = 0; round < 2; round++) {
            try (DatagramSocket s = new DatagramSocket(0, inet("::1"))) {
                for (int i = 0; i < 500; i++) {
                    send(s, new byte[96]);
                }
            }
            int received = 0;
            for (int n = r.receive(); n > 0; n = r.receive()) {
                received += n;
            }
            dropped += 500 - received;
            assertEquals(dropped, r.dropped());
            assertTrue(received > 0 && received < 500, () -> "the test is none");
        }
    }

    @Test
    void receivingAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DatagramReceiver r = receiver(AF_INET6);
        byte[] bytes = new byte[96];
        long least = Long.MAX_VALUE;
        long sum = 0;
        try (DatagramSocket s = new DatagramSocket(0, inet("::1"))) {
            for (int round = 0; round < 50; round++) {
                for (int i = 0; i < 70; i++) { // two bursts
                    send(s, bytes);
                }
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int n = r.receive(); n > 0; n = r.receive()) { // and EAGAIN
                    for (int i = 0; i < n; i++) {
                        sum += r.block()[r.offset(i)] + r.length(i) + r.sourceHigh(i) + r.sourceLow(i);
                    }
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
        }
        assertEquals(50 * 70 * (96 + 1), sum, "all arrived");
        assertEquals(0, least, "bytes allocated for 70 packets");
    }

    @Test
    void itWorksHere() throws Exception {
        DatagramReceiver.probe();
    }
}
