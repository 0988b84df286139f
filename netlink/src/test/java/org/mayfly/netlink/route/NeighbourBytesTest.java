package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** Golden bytes, captured as in {@link LinkBytesTest}. */
final class NeighbourBytesTest {
    private static final int ETH0 = 3;
    private static final LinkLayerAddress ONE = LinkLayerAddress.parse("02:00:00:00:00:01");

    private static final String PROTOCOL = "05000c00 4d000000";

    /** {@code ip -d neigh show} after the {@code replace} of {@link #anEntryIsAddedAsIpAddsIt}. */
    private static final String SHOWN = "0a000000 03000000 04008001"
            + "14000100 20010db8000000000000000000000009"
            + "0a000200 0200000000020000"
            + "08000400 00000000"
            + "14000300 7b170000 0e000000 0b000000 00000000"
            + PROTOCOL;

    /** {@code ip -d neigh show} after {@code ip neigh add 192.0.2.10 dev eth0 managed}. */
    private static final String SHOWN_MANAGED = "02000000 03000000 01000001"
            + "08000100 c000020a"
            + "08000400 04000000"
            + "14000300 79170000 09000000 09000000 01000000"
            + "08000f00 01000000";

    /** {@code ip neigh show proxy} after {@code ip neigh add proxy 192.0.2.5 dev eth0 protocol 77}. */
    private static final String SHOWN_PROXY = "02000000 03000000 00000801 08000100 c0000205 05000c00 4d000000";

    @Test
    void anEntryIsAddedAsIpAddsIt() {
        // ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
        both(
                "0a000000 03000000 80000000 14000100 20010db8000000000000000000000009 0a000200 0200000000010000",
                Neighbour.permanent(ETH0, inet("2001:db8::9"), ONE));
        // ip neigh replace 2001:db8::9 lladdr 02:00:00:00:00:02 dev eth0 nud stale router protocol 77
        both(
                "0a000000 03000000 04008000 05000c00 4d000000 14000100 20010db8000000000000000000000009"
                        + "0a000200 0200000000020000",
                Neighbour.permanent(ETH0, inet("2001:db8::9"), LinkLayerAddress.parse("02:00:00:00:00:02"))
                        .withState(Neighbour.NUD_STALE)
                        .withFlags(Neighbour.NTF_ROUTER, 0)
                        .withProtocol(77));
        // ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:01 dev eth0 nud reachable extern_learn
        both(
                "02000000 03000000 02001000 08000100 c0000209 0a000200 0200000000010000",
                Neighbour.permanent(ETH0, inet("192.0.2.9"), ONE)
                        .withState(Neighbour.NUD_REACHABLE)
                        .withFlags(Neighbour.NTF_EXT_LEARNED, 0));
    }

    @Test
    void extendedFlagsStandBehindTheDestination() {
        // ip neigh add 192.0.2.10 dev eth0 managed lladdr 02:00:00:00:00:01 protocol 77 nud reachable
        both(
                "02000000 03000000 02000000 05000c00 4d000000 08000100 c000020a 08000f00 01000000"
                        + "0a000200 0200000000010000",
                Neighbour.permanent(ETH0, inet("192.0.2.10"), ONE)
                        .withState(Neighbour.NUD_REACHABLE)
                        .withFlags(0, Neighbour.NTF_EXT_MANAGED)
                        .withProtocol(77));
    }

    @Test
    void aProxyEntryDiffersFromThatOfIpInAStateThatTheKernelIgnores() {
        // ip neigh add proxy 2001:db8::5 dev eth0: ndm_state is NUD_PERMANENT
        assertEquals(
                Payload.of("0a000000 03000000 00000800 14000100 20010db8000000000000000000000005"),
                Payload.written(Neighbour.proxy(ETH0, inet("2001:db8::5"))::write));
        both(
                "0a000000 03000000 80000800 14000100 20010db8000000000000000000000005",
                Neighbour.proxy(ETH0, inet("2001:db8::5")).withState(Neighbour.NUD_PERMANENT));
        // ip neigh add proxy 192.0.2.5 dev eth0 protocol 77
        both(
                "02000000 03000000 80000800 05000c00 4d000000 08000100 c0000205",
                Neighbour.proxy(ETH0, inet("192.0.2.5"))
                        .withState(Neighbour.NUD_PERMANENT)
                        .withProtocol(77));
        // ip neigh add proxy 192.0.2.6
        both(
                "02000000 00000000 80000800 08000100 c0000206",
                Neighbour.proxy(0, inet("192.0.2.6")).withState(Neighbour.NUD_PERMANENT));
    }

    @Test
    void oneIsAskedForAsIpAsks() {
        // ip neigh get 2001:db8::9 dev eth0
        assertEquals(
                Payload.of("0a000000 03000000 00000000 14000100 20010db8000000000000000000000009"),
                Payload.written(
                        Neighbour.permanent(ETH0, inet("2001:db8::9"), ONE).withProtocol(77)::writeKey));
        // ip neigh get proxy 2001:db8::5 dev eth0
        assertEquals(
                Payload.of("0a000000 03000000 00000800 14000100 20010db8000000000000000000000005"),
                Payload.written(Neighbour.proxy(ETH0, inet("2001:db8::5"))::writeKey));
    }

    @Test
    void theFilterIsThatOfIp() {
        // ip neigh show; ip -6 neigh show dev eth0 nud all; ip neigh show proxy dev eth0; without the zeros behind
        assertEquals(Payload.of("00000000 00000000 00000000"), Payload.written(NeighbourFilter.ALL::write));
        assertEquals(
                Payload.of("0a000000 00000000 00000000 08000800 03000000"),
                Payload.written(new NeighbourFilter(Route.AF_INET6, ETH0, 0, false)::write));
        assertEquals(
                Payload.of("00000000 00000000 00000800 08000800 03000000"),
                Payload.written(new NeighbourFilter(0, ETH0, 0, true)::write));
        assertEquals(
                Payload.of("00000000 00000000 00000000 08000900 07000000"),
                Payload.written(new NeighbourFilter(0, 0, 7, false)::write));
    }

    @Test
    void anEntryIsReadAsTheKernelTellsIt() {
        assertEquals(
                new Neighbour(
                        Route.AF_INET6,
                        ETH0,
                        inet("2001:db8::9"),
                        LinkLayerAddress.parse("02:00:00:00:00:02"),
                        Neighbour.NUD_STALE,
                        Neighbour.NTF_ROUTER,
                        0,
                        77,
                        1,
                        0,
                        new Neighbour.CacheInfo(0x177b, 14, 11, 0),
                        List.of()),
                Payload.of(SHOWN).decode(Neighbour::decode));
        Neighbour managed = Payload.of(SHOWN_MANAGED).decode(Neighbour::decode);
        assertEquals(LinkLayerAddress.NONE, managed.lladdr());
        assertEquals(Neighbour.NUD_INCOMPLETE, managed.state());
        assertEquals(4, managed.probes());
        assertEquals(Neighbour.NTF_EXT_MANAGED, managed.extendedFlags());
        assertFalse(managed.isProxy());
        Neighbour proxy = Payload.of(SHOWN_PROXY).decode(Neighbour::decode);
        assertTrue(proxy.isProxy());
        assertEquals(77, proxy.protocol());
        assertNull(proxy.cacheInfo());
    }

    @Test
    void whatABridgeLearnedHasNoAddressOfIp() {
        // an event after: bridge fdb add 02:00:00:00:00:01 dev eth1 master static
        Neighbour learned = Payload.of("07000000 02000000 40000000 0a000200 0200000000010000 08000900 04000000"
                        + "08000f00 00000000 14000300 00000000 00000000 00000000 00000000")
                .decode(Neighbour::decode);
        assertEquals(Link.AF_BRIDGE, learned.family());
        assertNull(learned.destination());
        assertEquals(ONE, learned.lladdr());
        assertEquals(List.of(new RawAttribute(Neighbour.NDA_MASTER, Bytes.ofHex("04000000"))), learned.unknown());
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        for (String hex : List.of(SHOWN, SHOWN_MANAGED, SHOWN_PROXY)) {
            Payload.of(hex).truncate(Neighbour::decode, n -> n.index() == ETH0);
        }
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN.replace("14000300", "18000300")
                .replace("00000000" + PROTOCOL, "00000000 ffffffff" + PROTOCOL)
                .replace(PROTOCOL, "06000c00 4dff0000");
        assertEquals(
                Payload.of(SHOWN).decode(Neighbour::decode), Payload.of(longer).decode(Neighbour::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        Neighbour n = Payload.of(SHOWN).and("0900bc3a 0102030405 000000").decode(Neighbour::decode);
        assertEquals(List.of(new RawAttribute(0x3abc, Bytes.ofHex("0102030405"))), n.unknown());
        assertEquals(
                n.unknown(), Payload.written(n::write).decode(Neighbour::decode).unknown());
    }

    @Test
    void addressesOfAnotherLengthAreRefused() {
        Payload five = Payload.of("0a000000 03000000 04000000 09000100 0102030405 000000");
        assertThrows(MalformedMessageException.class, () -> five.decode(Neighbour::decode));
        assertThrows(IllegalArgumentException.class, () -> LinkLayerAddress.parse("02:00:zz"));
        assertThrows(IllegalArgumentException.class, () -> LinkLayerAddress.parse("0200"));
    }

    private static void both(String hex, Neighbour neighbour) {
        assertEquals(Payload.of(hex), Payload.written(neighbour::write));
        assertEquals(neighbour, Payload.of(hex).decode(Neighbour::decode));
    }

    private static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
