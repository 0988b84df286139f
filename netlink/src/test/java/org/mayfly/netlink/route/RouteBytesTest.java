package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/**
 * Golden bytes of ip (iproute2 6.1) and Linux 6.18, little-endian, without the netlink header. Captured in {@code unshare
 * -n}, the command beside the bytes, with {@code strace -X raw -e trace=sendmsg,sendto,recvmsg -s 1 -e write=all -e
 * read=all}.
 */
final class RouteBytesTest {
    private static final InetAddress DOOR = inet("2001:db8::42");
    private static final InetAddress NET = inet("2001:db8:1::");
    private static final int NODAD_NOPREFIXROUTE = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;

    /** {@code ip -6 addr add 2001:db8::42/128 dev lo nodad noprefixroute valid_lft 30 preferred_lft 0}. */
    private static final String ADD_ADDRESS = "0a80000001000000"
            + "14000200 20010db8000000000000000000000042"
            + "08000800 02020000"
            + "14000100 20010db8000000000000000000000042"
            + "14000600 00000000 1e000000 00000000 00000000";

    /** {@code ip -6 addr show dev lo} after that. */
    private static final String SHOWN_ADDRESS = "0a80220001000000"
            + "14000100 20010db8000000000000000000000042"
            + "14000600 00000000 1e000000 8ed10700 8ed10700"
            + "08000800 22020000";

    /** {@code ip -4 addr show dev lo} after {@code ip addr add 192.0.2.1 peer 192.0.2.2/32 dev lo label lo:x}. */
    private static final String SHOWN_PEER = "0220800001000000"
            + "08000100 c0000202"
            + "08000200 c0000201"
            + "09000300 6c6f3a7800 000000"
            + "08000800 80000000"
            + "14000600 ffffffff ffffffff 90d10700 90d10700";

    /** {@code ip -6 route show table all proto 77} after the route of {@link #aRouteIsAddedAsIpAddsIt}. */
    private static final String SHOWN_ROUTE = "0a400000ff4d0002 00000000"
            + "08000f00 ff000000"
            + "14000100 20010db8000100000000000000000000"
            + "08000600 00040000"
            + "08000400 01000000"
            + "24000c00 0000000000000000000000000000000000000000000000000000000000000000"
            + "05001400 00000000";

    @Test
    void anAddressIsAddedAndDeletedAsIpDoesIt() {
        Address a = new Address(DOOR, 128, NODAD_NOPREFIXROUTE, 0, 1, 0, 30, 0);
        assertEquals(Payload.of(ADD_ADDRESS), Payload.written(a::write));
        // ip -6 addr del 2001:db8::42/128 dev lo
        assertEquals(
                Payload.of("0a80000001000000"
                        + "14000200 20010db8000000000000000000000042"
                        + "14000100 20010db8000000000000000000000042"),
                Payload.written(a::writeKey));
        assertEquals(a, Payload.of(ADD_ADDRESS).decode(Address::decode));
    }

    @Test
    void ourProtocolGoesBehind() {
        Address a = new Address(DOOR, 128, NODAD_NOPREFIXROUTE, 0, 1, 0, 30, 0x4d);
        assertEquals(Payload.of(ADD_ADDRESS).and("05000b004d000000"), Payload.written(a::write));
        assertEquals(a, Payload.written(a::write).decode(Address::decode));
    }

    @Test
    void anAddressIsReadAsTheKernelTellsIt() {
        int flags = NODAD_NOPREFIXROUTE | Address.IFA_F_DEPRECATED;
        Address shown = Payload.of(SHOWN_ADDRESS).decode(Address::decode);
        assertEquals(0x07d18e, shown.created());
        assertEquals(0x07d18e, shown.updated());
        Address unstamped = new Address(DOOR, 128, flags, 0, 1, 0, 30, 0);
        assertEquals(Payload.written(unstamped::write), Payload.written(AddressBytesTest.unstamped(shown)::write));
    }

    @Test
    void aPeerAndALabelAreKeptAndWrittenBack() {
        Address shown = Payload.of(SHOWN_PEER).decode(Address::decode);
        Address expected =
                Address.of(inet("192.0.2.1"), 32, 1).withPeer(inet("192.0.2.2")).withLabel("lo:x");
        assertEquals(expected.withFlags(Address.IFA_F_PERMANENT), AddressBytesTest.unstamped(shown));
        // ip addr add 192.0.2.1 label lo:x peer 192.0.2.2/32 dev lo
        assertEquals(
                Payload.of("0220000001000000 08000200 c0000201 09000300 6c6f3a7800 000000 08000100 c0000202"),
                Payload.written(expected::write));
    }

    @Test
    void aRouteIsAddedAsIpAddsIt() {
        // ip -6 route add local 2001:db8:1::/64 dev lo proto 77 table local; ip -6 route del … sends the same
        Route local = new Route(NET, 64, Route.RTN_LOCAL, Route.RT_TABLE_LOCAL, 77, 1, null, 0);
        assertEquals(
                Payload.of("0a400000ff4d0002 00000000"
                        + "14000100 20010db8000100000000000000000000"
                        + "08000400 01000000"),
                Payload.written(local::write));
        // ip -6 route add default via 2001:db8:7::ff dev eth0 metric 77
        Route standard =
                new Route(inet("::"), 0, Route.RTN_UNICAST, Route.RT_TABLE_MAIN, 3, 3, inet("2001:db8:7::ff"), 77);
        assertEquals(
                Payload.of("0a000000fe030001 00000000"
                        + "14000100 00000000000000000000000000000000"
                        + "14000500 20010db80007000000000000000000ff"
                        + "08000600 4d000000"
                        + "08000400 03000000"),
                Payload.written(standard::write));
        // ip -4 route add 198.51.100.0/24 via 192.0.2.2 dev lo table 1000
        Route four = new Route(inet("198.51.100.0"), 24, Route.RTN_UNICAST, 1000, 3, 1, inet("192.0.2.2"), 0);
        assertEquals(
                Payload.of("0218000000030001 00000000"
                        + "08000100 c6336400"
                        + "08000500 c0000202"
                        + "08000f00 e8030000"
                        + "08000400 01000000"),
                Payload.written(four::write));
    }

    @Test
    void aRouteIsReadAsTheKernelTellsIt() {
        Route route = Payload.of(SHOWN_ROUTE).decode(Route::decode);
        assertEquals(NET, route.destination());
        assertEquals(64, route.length());
        assertEquals(Route.RTN_LOCAL, route.type());
        assertEquals(Route.RT_TABLE_LOCAL, route.table());
        assertEquals(77, route.protocol());
        assertEquals(1, route.index());
        assertEquals(1024, route.priority());
        assertEquals(Route.AF_INET6, route.family());
        assertNull(route.gateway());
        assertEquals(new CacheInfo(0, 0, 0, 0, 0, 0, 0, 0), route.cacheInfo());
        assertEquals(0, route.preference());
        assertEquals(List.of(), route.unknown());
        // ip -4 route show table 1000
        Route four = Payload.of("02180000fc030001 00000000 08000f00e8030000 08000100c6336400 08000500c0000202"
                        + "0800040001000000")
                .decode(Route::decode);
        assertEquals(new Route(inet("198.51.100.0"), 24, Route.RTN_UNICAST, 1000, 3, 1, inet("192.0.2.2"), 0), four);
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(SHOWN_ADDRESS).truncate(Address::decode, a -> a.address().equals(DOOR));
        Payload.of(SHOWN_PEER).truncate(Address::decode, a -> a.prefixLength() == 32);
        Payload.of(SHOWN_ROUTE).truncate(Route::decode, r -> r.length() == 64);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN_ADDRESS
                .replace("14000600", "18000600")
                .replace("8ed10700 8ed10700", "8ed10700 8ed10700 01020304");
        assertEquals(
                Payload.of(SHOWN_ADDRESS).decode(Address::decode),
                Payload.of(longer).decode(Address::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        RawAttribute unknown = new RawAttribute(0x3abc, Bytes.ofHex("0102030405"));
        String bytes = "0900bc3a 0102030405 000000";
        Address address = Payload.of(SHOWN_ADDRESS).and(bytes).decode(Address::decode);
        assertEquals(List.of(unknown), address.unknown());
        assertEquals(address, Payload.written(address::write).decode(Address::decode));
        Route route = Payload.of(SHOWN_ROUTE).and(bytes).decode(Route::decode);
        assertEquals(List.of(unknown), route.unknown());
        assertEquals(route, Payload.written(route::write).decode(Route::decode));
    }

    @Test
    void addressesOfAnotherLengthAreRefused() {
        for (String length : List.of("00", "03", "05", "0f", "11")) {
            int n = Integer.parseInt(length, 16);
            String hex = "0a80000001000000" + "%02x000100".formatted(n + 4) + "00".repeat(n + 3 & ~3);
            assertThrows(MalformedMessageException.class, () -> Payload.of(hex).decode(Address::decode), hex);
        }
    }

    @Test
    void eventsAreTheSameRecords() {
        Payload address = Payload.of(SHOWN_ADDRESS);
        RouteEvent gone = address.decode((b, o, l) -> RouteEvent.read(21, b, o, l));
        assertEquals(new RouteEvent.AddressChanged(address.decode(Address::decode), true), gone);
        // RTM_NEWQDISC has no name here
        RouteEvent other = address.decode((b, o, l) -> RouteEvent.read(36, b, o, l));
        assertEquals(
                address.bytes(),
                assertInstanceOf(RouteEvent.Unknown.class, other).payload());
    }

    static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
