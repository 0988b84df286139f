package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** Golden bytes as in {@link RouteBytesTest}: what a route may have besides its destination and its way. */
final class RouteAttributesTest {
    private static final int A0 = 3;

    /** {@code ip -6 route show table main} after the route of {@link #anIpv6RouteIsWrittenAsIpWritesIt}. */
    private static final String SHOWN6 = "0a403000fe030001 00000000"
            + "08000f00 fe000000"
            + "14000100 20010db8000800000000000000000000"
            + "14000200 20010db8000a00000000000000000000"
            + "0c000800 08000200 78050000"
            + "08000600 09000000"
            + "14000500 20010db8000000000000000000000002"
            + "08000400 03000000"
            + "24000c00 00000000 00000000 24ea0000 00000000 00000000 00000000 00000000 00000000"
            + "05001400 01 000000";

    /**
     * {@code ip route show table main} after {@code ip route add 198.51.105.0/24 tos 0x10 via 192.0.2.2 src 192.0.2.1
     * metric 9 mtu lock 1400 window 77 rtt 100ms advmss 1300 hoplimit 60 rto_min 30 initrwnd 30 quickack 1 congctl reno}.
     */
    private static final String METRICS = "08000100 04200000"
            + "08000200 78050000"
            + "08000300 4d000000"
            + "08000400 20030000"
            + "08000800 14050000"
            + "08000a00 3c000000"
            + "08000d00 1e000000"
            + "08000e00 1e000000"
            + "08000f00 01000000"
            + "09001000 72656e6f00 000000";

    private static final String SHOWN4 = "02180010fe030001 00000000"
            + "08000f00 fe000000"
            + "08000100 c6336900"
            + "08000600 09000000"
            + "58000800" + METRICS
            + "08000700 c0000201"
            + "08000500 c0000202"
            + "08000400 01000000";

    /**
     * {@code ip route add 198.51.100.0/24 nexthop via 192.0.2.2 dev a0 weight 3 nexthop via inet6 2001:db8::3 dev a0
     * onlink}.
     */
    private static final String MULTIPATH = "02180000fe030001 00000000"
            + "08000100 c6336400"
            + "34000900"
            + "1000 00 02 03000000 08000500 c0000202"
            + "2000 04 00 03000000 16001200 0a00 20010db8000000000000000000000003 0100";

    @Test
    void anIpv6RouteIsWrittenAsIpWritesIt() {
        Route route = Route.to(inet("2001:db8:8::"), 64)
                .withProtocol(Route.RTPROT_BOOT)
                .withSource(inet("2001:db8:a::"), 48)
                .withGateway(inet("2001:db8::2"))
                .withIndex(A0)
                .withPriority(9)
                .withPreference(1)
                .withExpires(600)
                .withMetrics(Metrics.NONE.with(Metric.MTU, 1400));
        // ip -6 route add 2001:db8:8::/64 from 2001:db8:a::/48 via 2001:db8::2 dev a0 metric 9 pref high expires 600
        // mtu 1400
        Payload asked = Payload.of("0a403000fe030001 00000000"
                + "14000100 20010db8000800000000000000000000"
                + "14000200 20010db8000a00000000000000000000"
                + "14000500 20010db8000000000000000000000002"
                + "08000600 09000000"
                + "05001400 01 000000"
                + "08001700 58020000"
                + "08000400 03000000"
                + "0c000800 08000200 78050000");
        assertEquals(asked, Payload.written(route::write));
        assertEquals(route, asked.decode(Route::decode));

        Route shown = Payload.of(SHOWN6).decode(Route::decode);
        CacheInfo info = shown.cacheInfo();
        assertNotNull(info);
        assertEquals(0xea24, info.expires());
        assertEquals(599, shown.expiresSeconds());
        assertEquals(
                Payload.written(route.withExpires(599)::write)
                        .and("24000c00" + "00".repeat(8) + "24ea0000" + "00".repeat(20)),
                Payload.written(shown::write));
    }

    @Test
    void metricsAreReadByNameAndWrittenAsTheKernelTellsThem() {
        Route shown = Payload.of(SHOWN4).decode(Route::decode);
        Metrics metrics = shown.metrics();
        assertEquals(
                Metrics.NONE
                        .with(Metric.MTU, 1400)
                        .withLocked(Metric.MTU)
                        .with(Metric.WINDOW, 77)
                        .with(Metric.RTT, 800)
                        .with(Metric.ADVMSS, 1300)
                        .with(Metric.HOPLIMIT, 60)
                        .with(Metric.RTO_MIN, 30)
                        .withLocked(Metric.RTO_MIN)
                        .with(Metric.INITRWND, 30)
                        .with(Metric.QUICKACK, 1)
                        .withCongestionControl("reno"),
                metrics);
        assertTrue(metrics.isLocked(Metric.MTU));
        assertFalse(metrics.isLocked(Metric.WINDOW));
        assertEquals(0, metrics.get(Metric.INITCWND));
        assertEquals(Payload.of(METRICS), Payload.written(metrics::write));
        assertEquals(0x10, shown.tos());
        assertEquals(inet("192.0.2.1"), shown.preferredSource());
        // ip route add 198.51.100.0/24 via 192.0.2.2 src 192.0.2.1 dev lo mtu 1400 advmss 1300
        Route asked = new Route(inet("198.51.100.0"), 24, 1, 254, 3, 1, inet("192.0.2.2"), 0)
                .withPreferredSource(inet("192.0.2.1"))
                .withMetrics(Metrics.NONE.with(Metric.MTU, 1400).with(Metric.ADVMSS, 1300));
        assertEquals(
                Payload.of("02180000fe030001 00000000 08000100c6336400 08000500c0000202 08000700c0000201"
                        + "0800040001000000 14000800 0800020078050000 0800080014050000"),
                Payload.written(asked::write));
    }

    @Test
    void severalWaysAreWrittenAsIpWritesThem() {
        Route route = Route.to(inet("198.51.100.0"), 24)
                .withProtocol(Route.RTPROT_BOOT)
                .withNextHops(List.of(
                        NextHop.via(inet("192.0.2.2"), A0, 3),
                        NextHop.via(inet("2001:db8::3"), A0, 1).withFlags(RouteFlags.RTNH_F_ONLINK)));
        // ip pads the second one with what is left in its buffer
        assertEquals(Payload.of(MULTIPATH.replaceAll("0100$", "0000")), Payload.written(route::write));
        assertEquals(route, Payload.of(MULTIPATH).decode(Route::decode));
    }

    @Test
    void aGatewayOfTheOtherFamilyAndANextHopByItsNumber() {
        // ip route add 198.51.102.0/24 via inet6 2001:db8::9 dev a0
        Payload via = Payload.of("02180000fe030001 00000000 08000100 c6336600"
                + "16001200 0a00 20010db8000000000000000000000009 0000 08000400 03000000");
        Route other = Route.to(inet("198.51.102.0"), 24)
                .withProtocol(Route.RTPROT_BOOT)
                .withIndex(A0)
                .withGateway(inet("2001:db8::9"));
        assertEquals(via, Payload.written(other::write));
        assertEquals(other, via.decode(Route::decode));
        // ip route add 198.51.101.0/24 nhid 7
        Payload nhid = Payload.of("02180000fe030001 00000000 08000100 c6336500 08001e00 07000000");
        Route byNumber = Route.to(inet("198.51.101.0"), 24)
                .withProtocol(Route.RTPROT_BOOT)
                .withNextHopId(7);
        assertEquals(nhid, Payload.written(byNumber::write));
        assertEquals(byNumber, nhid.decode(Route::decode));
        // ip route show: the kernel says what the number stands for, and does not want to hear it
        Route shown = nhid.and("08000500 c0000202 08000400 03000000").decode(Route::decode);
        assertEquals(byNumber.withGateway(inet("192.0.2.2")).withIndex(A0), shown);
        assertEquals(byNumber, shown.forRequest());
    }

    @Test
    void aRequestSaysNothingOfTheStateOfAWay() {
        Route route = Route.to(inet("198.51.102.0"), 24)
                .withFlags(RouteFlags.RTNH_F_DEAD | RouteFlags.RTNH_F_LINKDOWN | RouteFlags.RTNH_F_ONLINK)
                .withNextHops(List.of(NextHop.via(inet("192.0.2.2"), A0, 256).withFlags(RouteFlags.RTNH_F_LINKDOWN)));
        assertEquals(RouteFlags.RTNH_F_ONLINK, route.forRequest().flags());
        assertEquals(
                List.of(NextHop.via(inet("192.0.2.2"), A0, 256)),
                route.forRequest().nextHops());
        assertEquals(route, Payload.written(route::write).decode(Route::decode));
    }

    @Test
    void anEncapsulationIsKeptAsItCame() {
        // ip route add 198.51.103.0/24 encap ip id 4 dst 192.0.2.9 dev a0, as ip route show is told of it
        Route route = Payload.of("02180000fe03fd01 00000000 08000f00 fe000000 08000100 c6336700 08000400 03000000"
                        + "38001600 0c000100 0000000000000004 08000200 c0000209 08000300 00000000 05000500 00000000"
                        + "05000400 00000000 06000600 00000000 06001500 0200 0000")
                .decode(Route::decode);
        assertEquals(
                List.of(22, 21),
                route.unknown().stream().map(RawAttribute::type).toList());
        assertEquals(route, Payload.written(route::write).decode(Route::decode));
    }

    @Test
    void filtersAndQuestionsAreWrittenAsIpWritesThem() {
        // ip -6 route show table all dev a0: type and protocol are looked at by ip itself
        assertEquals(
                Payload.of("0a0000000000000000000000 08000400 03000000"),
                Payload.written(RouteFilter.of(Route.AF_INET6).withIndex(A0)::write));
        // ip route show table 1000 dev a0 proto 77
        RouteFilter filter =
                RouteFilter.of(Route.AF_INET).withTable(1000).withIndex(A0).withProtocol(77);
        assertEquals(
                Payload.of("02000000004d000000000000 08000f00 e8030000 08000400 03000000"),
                Payload.written(filter::write));
        // ip route get 198.51.105.1 from 192.0.2.1 oif a0 mark 5 uid 1000 ipproto tcp sport 1000 dport 80 tos 0x10
        RouteLookup packet = RouteLookup.to(inet("198.51.105.1"))
                .withSource(inet("192.0.2.1"), 0)
                .withOutgoing(A0)
                .withMark(5)
                .withUid(1000)
                .withPorts(6, 1000, 80)
                .withTos(0x10);
        assertEquals(
                Payload.of("02202010000000000010 0000 08000100 c6336901 08000200 c0000201 08001900 e8030000"
                        + "05001b00 06000000 06001c00 03e80000 06001d00 00500000 08000400 03000000 08001000 05000000"),
                Payload.written(packet::write));
        // ip route get fibmatch 198.51.100.1
        assertEquals(
                Payload.of("0220000000000000 00300000 08000100 c6336401"),
                Payload.written(RouteLookup.to(inet("198.51.100.1")).withFibMatch()::write));
        // ip -6 route get 2001:db8:8::1 from 2001:db8:a::1 iif a1
        assertEquals(
                Payload.of("0a80800000000000 00000000 14000100 20010db8000800000000000000000001"
                        + "14000200 20010db8000a00000000000000000001 08000300 02000000"),
                Payload.written(RouteLookup.to(inet("2001:db8:8::1")).withSource(inet("2001:db8:a::1"), 2)::write));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(SHOWN6).truncate(Route::decode, r -> r.length() == 64);
        Payload.of(SHOWN4).truncate(Route::decode, r -> r.length() == 24);
        Payload.of(MULTIPATH).truncate(Route::decode, r -> r.length() == 24);
        Payload.of("1000000203000000 08000500c0000202").truncate(NextHop::decode, n -> n.weight() == 3);
    }

    @Test
    void aNextHopThatClaimsMoreThanThereIsIsRefused() {
        for (String length : List.of("3400", "0700", "0000", "ffff")) {
            String hex = MULTIPATH.replace("1000 00 02", length + " 00 02");
            assertThrows(MalformedMessageException.class, () -> Payload.of(hex).decode(Route::decode), hex);
        }
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN6.replace("24000c00", "28000c00").replace("05001400", "0a0b0c0d 05001400");
        assertEquals(
                Payload.of(SHOWN6).decode(Route::decode), Payload.of(longer).decode(Route::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        RawAttribute unknown = new RawAttribute(0xbabc, Bytes.ofHex("0102030405"));
        String bytes = "0900bcba 0102030405 000000";
        Route inside = Payload.of(SHOWN4.replace("58000800", "64000800").replace(METRICS, METRICS + bytes))
                .decode(Route::decode);
        assertEquals(List.of(unknown), inside.metrics().unknown());
        Route hop = Payload.of(MULTIPATH
                        .replace("34000900", "40000900")
                        .replace("1000 00 02", "1c00 00 02")
                        .replace("c0000202", "c0000202" + bytes))
                .decode(Route::decode);
        assertEquals(List.of(unknown), hop.nextHops().get(0).unknown());
        for (Route route : List.of(inside, hop)) {
            assertEquals(route, Payload.written(route::write).decode(Route::decode));
        }
    }

    @Test
    void aWayThroughAnotherKindOfNetworkIsKeptAsBytes() {
        // AF_MPLS 28 has no addresses of IP
        Route route = Payload.of("02180000fe030001 00000000 0a001200 1c00 01020304 0000")
                .decode(Route::decode);
        assertEquals(List.of(new RawAttribute(18, Bytes.ofHex("1c0001020304"))), route.unknown());
        assertEquals(route, Payload.written(route::write).decode(Route::decode));
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
