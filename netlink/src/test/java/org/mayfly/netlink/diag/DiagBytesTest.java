package org.mayfly.netlink.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/**
 * Golden bytes of ss (iproute2 6.1) and Linux 6.18, little-endian, without the netlink header. Captured in {@code
 * unshare -n}, the command beside the bytes, with {@code strace -X raw -e trace=sendmsg,recvmsg -s 1 -e write=all -e
 * read=all}. There, a Python program had a listener on {@code [::]:2222} and a connection of each family to it.
 */
final class DiagBytesTest {
    private static final int TCP = 6;

    /** All but listening, closed, time-wait and SYN-received ones: what ss shows by default. */
    private static final int SS_STATES = 0x0b37;

    private static final String NOBODY = "00".repeat(16);
    private static final String LOOPBACK = "00".repeat(15) + "01";

    /** {@code ss -H -t -n -6 sport = 2222}: the session of the IPv6 client. */
    private static final String SHOWN = "0a010000 08ae d8e6" + LOOPBACK + LOOPBACK
            + "00000000 4f00000000000000 00000000 00000000 00000000 00000000 a49d0300"
            + "05000800 00 000000 08000f00 00000000 0c001500 0100000000000000 06001600 1200 0000";

    /** The same: the session of the IPv4 client. */
    private static final String SHOWN_MAPPED = "0a010000 08ae ccd8"
            + "00000000000000000000ffff7f000001 00000000000000000000ffff7f000001"
            + "00000000 4e00000000000000 00000000 00000000 00000000 00000000 a29d0300";

    /** {@code ss -H -tanpeiO}: the listener, without its {@code struct tcp_info}, which is all zeros. */
    private static final String LISTENER = "0a0a0000 08ae0000" + NOBODY + NOBODY
            + "00000000 c01c000000000000 00000000 00000000 80000000 00000000 31dee000"
            + "05000800 00000000 05000b00 00000000 08000f00 00000000 0c001500 0100000000000000 06001600 12000000"
            + "08000400 62627200";

    /** {@link #SHOWN} with numbers put where it has none. */
    private static final String BUSY = "0a010102 08ae d8e6" + LOOPBACK + LOOPBACK
            + "00000000 4f00000000000000 cf000000 03000000 04000000 e8030000 a49d0300";

    @Test
    void aSessionIsRead() {
        InetAddress loopback = inet("::1");
        List<RawAttribute> attributes = List.of(
                new RawAttribute(DiagSocket.INET_DIAG_SHUTDOWN, Bytes.ofHex("00")),
                new RawAttribute(DiagSocket.INET_DIAG_MARK, Bytes.ofHex("00000000")),
                new RawAttribute(DiagSocket.INET_DIAG_CGROUP_ID, Bytes.ofHex("0100000000000000")),
                new RawAttribute(22, Bytes.ofHex("1200")));
        DiagSocket expected = new DiagSocket(
                10, TCP, 1, loopback, 2222, loopback, 0xd8e6, 0, 0x4f, 0, 0, 0, 0, 0, 0, 0x39da4, attributes);
        DiagSocket shown = Payload.of(SHOWN).decode(DiagBytesTest::read);
        assertEquals(expected, shown);
        assertEquals(Optional.of(Bytes.ofHex("00000000")), shown.attribute(DiagSocket.INET_DIAG_MARK));
        assertEquals(Optional.empty(), shown.attribute(DiagSocket.INET_DIAG_INFO));
    }

    @Test
    void queuesTimersAndOwnersAreRead() {
        DiagSocket s = Payload.of(LISTENER).decode(DiagBytesTest::read);
        assertEquals(10, s.state());
        assertEquals(128, s.sendQueue());
        assertEquals(0, s.receiveQueue());
        assertEquals(0xe0de31, s.inode());
        assertEquals(Optional.of(Bytes.ofHex("62627200")), s.attribute(DiagSocket.INET_DIAG_CONG));
        DiagSocket busy = Payload.of(BUSY).decode(DiagBytesTest::read);
        assertEquals(List.of(1, 2, 207), List.of(busy.timer(), busy.retransmits(), busy.expires()));
        assertEquals(List.of(3L, 4L), List.of(busy.receiveQueue(), busy.sendQueue()));
        assertEquals(1000, busy.uid());
    }

    @Test
    void anIpv4SessionOfAnIpv6ListenerIsReadAsIpv4AndNamedAsItIs() {
        DiagSocket mapped = Payload.of(SHOWN_MAPPED).decode(DiagBytesTest::read);
        assertEquals(inet("127.0.0.1"), mapped.local());
        assertEquals(DiagSocket.AF_INET6, mapped.family());
        String key = "0a060000 00000000 08ae ccd8"
                + "00000000000000000000ffff7f000001 00000000000000000000ffff7f000001"
                + "00000000 4e00000000000000";
        assertEquals(Payload.of(key), Payload.written(w -> mapped.writeKey(w, 0)));
    }

    @Test
    void aSessionIsDestroyedAsSsDoesIt() {
        // ss -K -t -n -6 src [::1] sport = 2222
        String key = "0a060000 00000000 08ae d8e6" + LOOPBACK + LOOPBACK + "00000000 4f00000000000000";
        DiagSocket s = Payload.of(SHOWN).decode(DiagBytesTest::read);
        assertEquals(Payload.of(key), Payload.written(w -> s.writeKey(w, 0)));
    }

    @Test
    void aPortIsInTheStructureToo() {
        // ss -H -t -n -6 sport = 2222, but that ss leaves the structure's port alone
        String dump = "0a060000 370b0000 08ae 0000" + NOBODY + NOBODY + "00000000 0000000000000000"
                + "14000100 07101400 00000000 ae080000 00000000";
        assertEquals(Payload.of(dump), dump(10, SocketFilter.localPort(2222)));
    }

    /** With ss, the port goes into the condition of the address where there is one; here they are two. */
    @Test
    void twoConditionsFailTogether() {
        String dump = "0a060000 370b0000 08ae 0000" + NOBODY + NOBODY + "00000000 0000000000000000"
                + "30000100 071c3000 0a800000 ffffffff" + LOOPBACK + "07101400 00000000 ae080000 00000000";
        assertEquals(Payload.of(dump), dump(10, SocketFilter.local(inet("::1")).and(SocketFilter.localPort(2222))));
    }

    /** {@code ss -H -tn EXPRESSION}: what is behind the structure. */
    @Test
    void expressionsAreEncodedAsSsDoesIt() {
        SocketFilter net = SocketFilter.remote(inet("2001:db8::"), 32);
        // dst 2001:db8::/32 and sport ge :1000; a range with both ends is two conditions
        assertFilter(
                "28000100 081c2800 0a200000 ffffffff 20010db8 00000000 00000000 00000000 02080c00 0000e803",
                net.and(SocketFilter.localPorts(1000, 65535)));
        // 'sport != :22'
        assertFilter(
                "18000100 07101400 00000000 16000000 00000000 01040800",
                SocketFilter.localPort(22).not());
        // not sport = :22 or dport = :22
        assertFilter(
                "2c000100 07101400 00000000 16000000 00000000 01040800 01041400 08101400 00000000 16000000 00000000",
                SocketFilter.localPort(22).not().or(SocketFilter.remotePort(22)));
        // src 192.0.2.0/24 dport = :2222
        assertFilter(
                "24000100 07102400 02180000 ffffffff c0000200 08101400 00000000 ae080000 00000000",
                SocketFilter.local(inet("192.0.2.0"), 24).and(SocketFilter.remotePort(2222)));
        // 'fwmark = 0x1/0xff'
        assertFilter("10000100 0a0c1000 01000000 ff000000", SocketFilter.mark(1, 0xff));
        // 'cgroup /'
        assertFilter("10000100 0d0c1000 02000000 00000000", SocketFilter.cgroup(2));
    }

    @Test
    void noConditionsNoAttribute() {
        assertEquals(
                Payload.of("02060000 370b0000 00000000" + NOBODY + NOBODY + "00000000 0000000000000000"),
                dump(2, SocketFilter.ANY));
    }

    @Test
    void cutAnywhereItIsRefusedOrTheSame() {
        DiagSocket whole = Payload.of(SHOWN).decode(DiagBytesTest::read);
        Payload.of(SHOWN)
                .truncate(
                        DiagBytesTest::read,
                        s -> s.cookie() == whole.cookie()
                                && s.inode() == whole.inode()
                                && whole.attributes()
                                        .subList(0, s.attributes().size())
                                        .equals(s.attributes()));
    }

    @Test
    void whatIsUnknownIsKeptAndWhatIsLongerToo() {
        DiagSocket s = Payload.of(SHOWN).and("0900bc3a 0102030405 000000").decode(DiagBytesTest::read);
        assertEquals(
                new RawAttribute(0x3abc, Bytes.ofHex("0102030405")),
                s.attributes().get(4));
        String longer = SHOWN.replace("0c001500 0100000000000000", "10001500 0100000000000000 09090909");
        assertEquals(
                Optional.of(Bytes.ofHex("0100000000000000 09090909")),
                Payload.of(longer).decode(DiagBytesTest::read).attribute(DiagSocket.INET_DIAG_CGROUP_ID));
    }

    /** The jumps of what ss was not asked: each is counted from its own operation on. */
    @Test
    void expressionsNest() {
        SocketFilter a = SocketFilter.boundTo(1);
        SocketFilter b = SocketFilter.boundTo(2);
        SocketFilter c = SocketFilter.boundTo(3);
        // a: on, or to b; a jump to c; b: on, or out; c: on, or out
        assertFilter(
                "20000100 09080c00 01000000 01040c00 09081400 02000000 09080c00 03000000",
                a.or(b).and(c));
        // a: on, or out; b and c: to the jump, which is out, or behind it
        assertFilter(
                "20000100 09082000 01000000 09081400 02000000 09080c00 03000000 01040800",
                a.and(b.and(c).not()));
        assertFilter("0c000100 09080c00 01000000", SocketFilter.ANY.and(a).and(SocketFilter.ANY));
        assertEquals(
                "( ( dev = 1 or dev = 2 ) and not ( dev = 3 ) )",
                a.or(b).and(c.not()).toString());
        assertEquals(a.or(b), SocketFilter.boundTo(1).or(SocketFilter.boundTo(2)));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> SocketFilter.localPort(65536));
        assertThrows(IllegalArgumentException.class, () -> SocketFilter.localPorts(-1, 5));
        assertThrows(IllegalArgumentException.class, () -> SocketFilter.local(inet("192.0.2.1"), 33));
        SocketFilter half = SocketFilter.mark(1, 1);
        while (half.condition().length() < 0x4000) {
            half = half.or(half);
        }
        SocketFilter tooMuch = half;
        assertThrows(IllegalArgumentException.class, () -> tooMuch.or(tooMuch));
    }

    private static void assertFilter(String expected, SocketFilter filter) {
        Payload all = dump(10, filter);
        byte[] behind =
                Arrays.copyOfRange(all.bytes().toArray(), 56, all.bytes().length());
        assertEquals(Payload.of(expected), new Payload(Bytes.of(behind)));
    }

    private static Payload dump(int family, SocketFilter filter) {
        return Payload.written(w -> DiagSocket.writeDump(w, family, TCP, 0, SS_STATES, filter));
    }

    private static DiagSocket read(ByteBuffer b, int offset, int length) {
        return DiagSocket.decode(TCP, b, offset, length);
    }

    private static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
