package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.util.List;

/** Routes of all kinds, as ip says them and as we do. */
final class RouteExamples {
    /** Of eth0, on which 192.0.2.1/24 and 2001:db8::1/64 are, and which the next hops 7 and 8 lead out of. */
    static final int INDEX = 2;

    /** What {@code ip route add} is told, and the same as we say it. */
    record Example(String ip, Route route) {}

    static final List<Example> ALL = List.of(
            new Example("198.51.100.0/24 via 192.0.2.2", to("198.51.100.0", 24).withGateway(inet("192.0.2.2"))),
            new Example(
                    "198.51.101.0/24 dev eth0 metric 7 table 1000 proto 77",
                    to("198.51.101.0", 24)
                            .withIndex(INDEX)
                            .withScope(Route.RT_SCOPE_LINK)
                            .withPriority(7)
                            .withTable(1000)
                            .withProtocol(77)),
            new Example(
                    "198.51.102.0/24 tos 0x10 via 192.0.2.2 src 192.0.2.1 mtu lock 1400 window 77 rtt 100ms advmss 1300"
                            + " hoplimit 60 initcwnd 20 rto_min 30 initrwnd 30 quickack 1 congctl reno features ecn",
                    to("198.51.102.0", 24)
                            .withTos(0x10)
                            .withGateway(inet("192.0.2.2"))
                            .withPreferredSource(inet("192.0.2.1"))
                            .withMetrics(Metrics.NONE
                                    .with(Metric.MTU, 1400)
                                    .withLocked(Metric.MTU)
                                    .with(Metric.WINDOW, 77)
                                    .with(Metric.RTT, 800)
                                    .with(Metric.ADVMSS, 1300)
                                    .with(Metric.HOPLIMIT, 60)
                                    .with(Metric.INITCWND, 20)
                                    .with(Metric.RTO_MIN, 30)
                                    .withLocked(Metric.RTO_MIN)
                                    .with(Metric.INITRWND, 30)
                                    .with(Metric.QUICKACK, 1)
                                    .with(Metric.FEATURES, 1)
                                    .withCongestionControl("reno"))),
            new Example(
                    "198.51.103.0/24 nexthop via 192.0.2.2 dev eth0 weight 3 nexthop via inet6 2001:db8::3 dev eth0"
                            + " nexthop via 192.0.9.9 dev eth0 onlink weight 256",
                    to("198.51.103.0", 24)
                            .withNextHops(List.of(
                                    NextHop.via(inet("192.0.2.2"), INDEX, 3),
                                    NextHop.via(inet("2001:db8::3"), INDEX, 1),
                                    NextHop.via(inet("192.0.9.9"), INDEX, 256).withFlags(RouteFlags.RTNH_F_ONLINK)))),
            new Example(
                    "198.51.104.0/24 via inet6 2001:db8::9 dev eth0",
                    to("198.51.104.0", 24).withGateway(inet("2001:db8::9")).withIndex(INDEX)),
            new Example("198.51.105.0/24 nhid 7", to("198.51.105.0", 24).withNextHopId(7)),
            new Example(
                    "198.51.106.0/24 via 192.0.9.9 dev eth0 onlink",
                    to("198.51.106.0", 24)
                            .withGateway(inet("192.0.9.9"))
                            .withIndex(INDEX)
                            .withFlags(RouteFlags.RTNH_F_ONLINK)),
            new Example("unreachable 10.0.0.0/16", to("10.0.0.0", 16).withType(Route.RTN_UNREACHABLE)),
            new Example("blackhole 10.1.0.0/16", to("10.1.0.0", 16).withType(Route.RTN_BLACKHOLE)),
            new Example("prohibit 10.2.0.0/16", to("10.2.0.0", 16).withType(Route.RTN_PROHIBIT)),
            new Example(
                    "throw 10.3.0.0/16 table 1000",
                    to("10.3.0.0", 16).withType(Route.RTN_THROW).withTable(1000)),
            new Example(
                    "local 10.4.0.0/16 dev lo",
                    to("10.4.0.0", 16)
                            .withType(Route.RTN_LOCAL)
                            .withScope(Route.RT_SCOPE_HOST)
                            .withTable(Route.RT_TABLE_LOCAL)
                            .withIndex(1)),
            new Example(
                    "broadcast 10.5.255.255 dev eth0",
                    to("10.5.255.255", 32)
                            .withType(Route.RTN_BROADCAST)
                            .withScope(Route.RT_SCOPE_LINK)
                            .withTable(Route.RT_TABLE_LOCAL)
                            .withIndex(INDEX)),
            new Example(
                    "multicast 239.1.0.0/16 dev eth0",
                    to("239.1.0.0", 16)
                            .withType(Route.RTN_MULTICAST)
                            .withScope(Route.RT_SCOPE_LINK)
                            .withIndex(INDEX)),
            new Example(
                    "default via 192.0.2.9",
                    Route.standard(Route.AF_INET)
                            .withProtocol(Route.RTPROT_BOOT)
                            .withGateway(inet("192.0.2.9"))),
            new Example(
                    "2001:db8:1::/48 from 2001:db8:a::/48 via 2001:db8::2 metric 9 pref high expires 600 mtu 1400",
                    to("2001:db8:1::", 48)
                            .withSource(inet("2001:db8:a::"), 48)
                            .withGateway(inet("2001:db8::2"))
                            .withPriority(9)
                            .withPreference(1)
                            .withExpires(600)
                            .withMetrics(Metrics.NONE.with(Metric.MTU, 1400))),
            new Example(
                    "2001:db8:2::/48 nexthop via 2001:db8::2 dev eth0 weight 3 nexthop via 2001:db8::3 dev eth0",
                    to("2001:db8:2::", 48)
                            .withNextHops(List.of(
                                    NextHop.via(inet("2001:db8::2"), INDEX, 3),
                                    NextHop.via(inet("2001:db8::3"), INDEX, 1)))),
            new Example("2001:db8:3::/48 nhid 8", to("2001:db8:3::", 48).withNextHopId(8)),
            new Example(
                    "local 2001:db8:4::/64 dev lo table local src 2001:db8::1",
                    to("2001:db8:4::", 64)
                            .withType(Route.RTN_LOCAL)
                            .withTable(Route.RT_TABLE_LOCAL)
                            .withPreferredSource(inet("2001:db8::1"))
                            .withIndex(1)),
            new Example(
                    "anycast 2001:db8::a dev eth0 table local",
                    to("2001:db8::a", 128)
                            .withType(Route.RTN_ANYCAST)
                            .withTable(Route.RT_TABLE_LOCAL)
                            .withIndex(INDEX)),
            new Example("unreachable 2001:db8:5::/48", to("2001:db8:5::", 48).withType(Route.RTN_UNREACHABLE)),
            new Example("prohibit 2001:db8:6::/48", to("2001:db8:6::", 48).withType(Route.RTN_PROHIBIT)),
            new Example(
                    "default via 2001:db8::9 metric 77",
                    Route.standard(Route.AF_INET6)
                            .withProtocol(Route.RTPROT_BOOT)
                            .withGateway(inet("2001:db8::9"))
                            .withPriority(77)));

    private RouteExamples() {}

    /** A route that says that ip has made it. */
    static Route to(String destination, int length) {
        return Route.to(inet(destination), length).withProtocol(Route.RTPROT_BOOT);
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
