package org.mayfly.netlink.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/**
 * Messages on a real link, where the kernel of the neighbour judges them: it takes a solicitation only with a right
 * checksum and a hop limit of 255 ({@code ndisc_rcv} in {@code net/ipv6/ndisc.c}).
 */
final class Icmp6SocketTest {
    private static final String OURS = "2001:db8:1::5";
    private static final String THEIRS = "2001:db8:1::c";

    /** A solicitation for {@link #THEIRS} by 02:00:00:00:00:05. */
    private static final byte[] SOLICITATION = Bytes.ofHex(
                    "8700 0000 00000000 20010db800010000000000000000000c 0101 020000000005")
            .toArray();

    private final Lab lab = new Lab();
    private Lab.Host host;
    private Lab.Host neighbour;
    private Icmp6Socket socket;
    private int index;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        neighbour = lab.host();
        lab.join(host, "eth0", neighbour, "eth0");
        host.address(OURS + "/64", "eth0");
        neighbour.address(THEIRS + "/64", "eth0");
        socket = host.call(Icmp6Socket::open);
        String link = host.run("ip", "-o", "link", "show", "eth0");
        index = Integer.parseInt(link.substring(0, link.indexOf(':')));
    }

    @AfterEach
    void close() {
        if (socket != null) { // the test was skipped
            socket.close();
        }
        lab.close();
    }

    private String remembered() throws Exception {
        return neighbour.run("ip", "-6", "neigh", "show", OURS, "dev", "eth0");
    }

    private void until(String what, String shown) throws Exception {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!remembered().contains(shown)) {
            assertTrue(System.nanoTime() < end, what);
        }
    }

    @Test
    void theNeighbourTakesIt() throws Exception {
        assertEquals("", remembered());
        socket.send(SOLICITATION, inet(OURS), inet(THEIRS), index);
        until("it was not taken", "02:00:00:00:00:05");
    }

    @Test
    void toAGroupItIsTakenToo() throws Exception {
        socket.send(SOLICITATION, inet(OURS), inet("ff02::1:ff00:c"), index);
        until("it was not taken", "02:00:00:00:00:05");
    }

    /** Nobody reads it, so what it kept would be kept for good. */
    @Test
    void nothingIsKeptOfWhatComesIn() throws Exception {
        long before = received();
        byte[] echoRequest = Bytes.ofHex("8000 0000 0001 0001").toArray();
        socket.send(echoRequest, inet(OURS), inet(THEIRS), index);
        long end = System.nanoTime() + 10_000_000_000L;
        while (received() == before) {
            assertTrue(System.nanoTime() < end, "no reply");
        }
        ByteBuffer in = ByteBuffer.allocateDirect(2048);
        assertEquals(-1, Libc.CALLS.recv(socket.fd(), Libc.address(in), in.capacity(), 0x40)); // MSG_DONTWAIT
        assertEquals(Errno.EAGAIN, Libc.errno());
    }

    /** Echo replies that have reached the host: type 129. */
    private long received() throws Exception {
        return host.run("cat", "/proc/thread-self/net/snmp6")
                .lines()
                .filter(line -> line.startsWith("Icmp6InType129"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".*\\s", "")))
                .sum();
    }

    @Test
    void itComesFromAnAddressOfTheInterfaceOrNotAtAll() throws Exception {
        refused(Errno.EINVAL, () -> socket.send(SOLICITATION, inet("2001:db8:1::6"), inet(THEIRS), index));
        refused(Errno.ENODEV, () -> socket.send(SOLICITATION, inet(OURS), inet(THEIRS), 9999));
        host.run("ip", "link", "set", "eth0", "down");
        assertThrows(NetlinkException.class, () -> socket.send(SOLICITATION, inet(OURS), inet(THEIRS), index));
        InetAddress four = inet("192.0.2.1");
        assertThrows(IllegalArgumentException.class, () -> socket.send(SOLICITATION, four, inet(THEIRS), index));
    }

    @Test
    void aClosedOneSendsNothing() throws Exception {
        socket.close();
        socket.close();
        assertThrows(ClosedChannelException.class, () -> socket.send(SOLICITATION, inet(OURS), inet(THEIRS), index));
    }

    private static void refused(int errno, Executable send) {
        NetlinkException e = assertThrows(NetlinkException.class, send);
        assertEquals(errno, e.errno(), e::getMessage);
    }

    private static InetAddress inet(String address) throws Exception {
        return InetAddress.getByName(address);
    }
}
