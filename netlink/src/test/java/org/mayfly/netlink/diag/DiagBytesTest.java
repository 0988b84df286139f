package org.mayfly.netlink.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
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

    @Test
    void aSessionIsRead() {
        InetAddress loopback = inet("::1");
        DiagSocket expected = new DiagSocket(10, TCP, 1, loopback, 2222, loopback, 0xd8e6, 0, 0x4f);
        assertEquals(expected, Payload.of(SHOWN).decode(DiagBytesTest::read));
    }

    @Test
    void anIpv4SessionOfAnIpv6ListenerIsReadAsIpv4AndNamedAsItIs() {
        DiagSocket mapped = Payload.of(SHOWN_MAPPED).decode(DiagBytesTest::read);
        assertEquals(inet("127.0.0.1"), mapped.local());
        assertEquals(DiagSocket.AF_INET6, mapped.family());
        String key = "0a060000 00000000 08ae ccd8"
                + "00000000000000000000ffff7f000001 00000000000000000000ffff7f000001"
                + "00000000 4e00000000000000";
        assertEquals(Payload.of(key), Payload.written(mapped::writeKey));
    }

    @Test
    void aSessionIsDestroyedAsSsDoesIt() {
        // ss -K -t -n -6 src [::1] sport = 2222
        String key = "0a060000 00000000 08ae d8e6" + LOOPBACK + LOOPBACK + "00000000 4f00000000000000";
        DiagSocket s = Payload.of(SHOWN).decode(DiagBytesTest::read);
        assertEquals(Payload.of(key), Payload.written(s::writeKey));
    }

    @Test
    void aPortAloneNeedsNoAddress() {
        // ss writes 07101400 and four zero bytes for "any address"; the kernel takes it without them too.
        String dump = "0a060000 370b0000 08ae 0000" + NOBODY + NOBODY + "00000000 0000000000000000"
                + "10000100 070c1000 00000000 ae080000";
        assertEquals(Payload.of(dump), dump(10, SocketFilter.ANY.withLocalPort(2222)));
    }

    @Test
    void twoConditionsAreEncodedAsSsDoesIt() {
        // ss -H -t -n src [::1]:2222 and dst [::1]; ss leaves the header's port alone
        String dump = "0a060000 370b0000 08ae 0000" + NOBODY + NOBODY + "00000000 0000000000000000"
                + "3c000100 071c3c00 0a800000 ae080000" + LOOPBACK + "081c2000 0a800000 ffffffff" + LOOPBACK;
        assertEquals(
                Payload.of(dump),
                dump(
                        10,
                        SocketFilter.ANY
                                .withLocal(inet("::1"))
                                .withLocalPort(2222)
                                .withRemote(inet("::1"))));
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
        Payload.of(SHOWN).truncate(DiagBytesTest::read, whole::equals);
    }

    private static Payload dump(int family, SocketFilter filter) {
        return Payload.written(w -> DiagSocket.writeDump(w, family, TCP, SS_STATES, filter));
    }

    private static DiagSocket read(ByteBuffer b, int offset, int length) {
        return DiagSocket.read(TCP, b, offset, length);
    }

    private static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
