package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;

/** The bytes of a solicitation, as the kernel itself sends it. */
final class NeighbourSolicitationTest {
    private static final InetAddress ROUTER = RouteBytesTest.inet("fe80::1");
    private static final LinkLayerAddress MAC = LinkLayerAddress.parse("02:00:00:00:00:05");

    /** What tcpdump saw when the kernel asked for fe80::1, but for the checksum, which was 4b58. */
    private static final String SEEN = "8700 0000 00000000" + "fe800000000000000000000000000001";

    private static final String SEEN_OPTION = "0101 020000000005";

    @Test
    void itIsWhatTheKernelSends() {
        assertEquals(Bytes.ofHex(SEEN + SEEN_OPTION), Bytes.of(new NeighbourSolicitation(ROUTER, MAC).toBytes()));
    }

    @Test
    void withoutAnAddressThereIsNoOption() {
        Bytes bytes = Bytes.of(new NeighbourSolicitation(ROUTER, LinkLayerAddress.NONE).toBytes());
        assertEquals(Bytes.ofHex(SEEN), bytes);
    }

    /** RFC 4861, 4.6: options are multiples of 8 bytes. */
    @Test
    void anAddressOfOddLengthIsPadded() {
        LinkLayerAddress longer = LinkLayerAddress.parse("01:02:03:04:05:06:07");
        byte[] bytes = new NeighbourSolicitation(ROUTER, longer).toBytes();
        assertEquals(
                "0102" + "01020304050607" + "00".repeat(7),
                Bytes.of(bytes).toString().substring(2 * 24));
    }

    @Test
    void whatCannotBeWrittenIsRefused() {
        InetAddress four = RouteBytesTest.inet("192.0.2.1");
        assertThrows(IllegalArgumentException.class, () -> new NeighbourSolicitation(four, MAC));
        LinkLayerAddress endless = new LinkLayerAddress(Bytes.of(new byte[255 * 8 - 1]));
        assertThrows(IllegalArgumentException.class, () -> new NeighbourSolicitation(ROUTER, endless));
    }
}
