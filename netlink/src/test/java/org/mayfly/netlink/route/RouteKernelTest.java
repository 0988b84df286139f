package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonArray;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;

/** Routes on the real kernel: ip does in one namespace what we do in another, and says the same of both. */
final class RouteKernelTest {
    private static final int INDEX = RouteExamples.INDEX;
    private static final int IF_OPER_UP = 6;

    private final Lab lab = new Lab();
    private Lab.Host ours;
    private Lab.Host theirs;
    private RouteNetlink route;

    @BeforeEach
    void open() throws Exception {
        ours = lab.host();
        theirs = lab.host();
        lab.join(ours, "eth0", theirs, "eth0");
        for (Lab.Host host : List.of(ours, theirs)) {
            host.address("192.0.2.1/24", "eth0");
            host.address("2001:db8::1/64", "eth0");
            host.run("ip", "nexthop", "add", "id", "7", "via", "192.0.2.2", "dev", "eth0");
            host.run("ip", "nexthop", "add", "id", "8", "via", "2001:db8::2", "dev", "eth0");
        }
        route = ours.call(RouteNetlink::open);
        assertEquals(INDEX, route.link("eth0").orElseThrow().index());
    }

    @AfterEach
    void close() {
        route.close();
        lab.close();
    }

    @Test
    void whatWeAddIsWhatIpAdds() throws Exception {
        for (RouteExamples.Example e : RouteExamples.ALL) {
            ip(theirs, "add", e.ip());
            route.add(e.route());
        }
        for (String family : List.of("-4", "-6")) {
            assertEquals(made(theirs, family), made(ours, family));
            assertEquals(
                    RouteExamples.ALL.size(),
                    made(ours, "-4").size() + made(ours, "-6").size());
        }
        try (RouteNetlink other = theirs.call(RouteNetlink::open)) {
            for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
                assertEquals(steady(other, family), steady(route, family));
            }
        }
        for (RouteExamples.Example e : RouteExamples.ALL) {
            route.delete(e.route());
        }
        assertEquals(0, made(ours, "-4").size() + made(ours, "-6").size());
    }

    @Test
    void whatIpAddedIsReadAndWrittenBackAndIpSaysTheSame() throws Exception {
        for (RouteExamples.Example e : RouteExamples.ALL) {
            ip(ours, "add", e.ip());
        }
        ip(ours, "add", "198.51.110.0/24 encap ip id 4 dst 192.0.2.9 via 192.0.2.2 realm 5");
        ip(ours, "add", "2001:db8:7::/48 encap seg6 mode encap segs 2001:db8::9 dev eth0");
        ip(ours, "append", "198.51.100.0/24 via 192.0.2.3");
        for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
            String flag = family == Route.AF_INET ? "-4" : "-6";
            var before = made(ours, flag);
            List<Route> read = ofTheExamples(route, family);
            assertEquals(before.size(), read.size());
            for (Route r : read) {
                route.delete(r);
            }
            assertEquals(0, made(ours, flag).size());
            for (Route r : read) {
                route.append(r);
            }
            assertEquals(before, made(ours, flag));
        }
    }

    @Test
    void aWayThatIsDownIsWrittenBackToo() throws Exception {
        ip(ours, "add", "198.51.100.0/24 via 192.0.2.2");
        try (Events<RouteEvent> events = ours.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_LINK))) {
            theirs.run("ip", "link", "set", "eth0", "down");
            Heard heard = new Heard(events);
            heard.await(e -> e instanceof RouteEvent.LinkChanged l && l.link().operstate() != IF_OPER_UP);
        }
        Route read = ofTheExamples(route, Route.AF_INET).get(0);
        assertEquals(RouteFlags.RTNH_F_LINKDOWN, read.flags());
        route.replace(read.withPriority(5));
        assertEquals(
                List.of(0, 5),
                ofTheExamples(route, Route.AF_INET).stream()
                        .map(Route::priority)
                        .toList());
    }

    @Test
    void aRouteOfManyWaysFitsIntoARequest() throws Exception {
        List<NextHop> ways = IntStream.range(2, 202)
                .mapToObj(i -> NextHop.via(inet("192.0.2." + i), INDEX, 1))
                .toList();
        Route asked = RouteExamples.to("198.51.100.0", 24).withNextHops(ways);
        route.add(asked);
        assertEquals(List.of(asked), ofTheExamples(route, Route.AF_INET));
        assertEquals(
                200,
                made(ours, "-4")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("nexthops")
                        .size());
    }

    @Test
    void theKernelSaysWhereAPacketWouldGo() throws Exception {
        ip(ours, "add", "198.51.100.0/24 via 192.0.2.2 mtu 1400 table 1000");
        ours.run("ip", "rule", "add", "fwmark", "5", "table", "1000", "pref", "100");
        InetAddress there = inet("198.51.100.7");
        Route found = route.lookup(RouteLookup.to(there).withMark(5));
        assertEquals(there, found.destination());
        assertEquals(32, found.length());
        assertEquals(1000, found.table());
        assertEquals(inet("192.0.2.2"), found.gateway());
        assertEquals(inet("192.0.2.1"), found.preferredSource());
        assertEquals(INDEX, found.index());
        assertEquals(1400, found.metrics().get(Metric.MTU));
        Route match = route.lookup(RouteLookup.to(there).withMark(5).withFibMatch());
        assertEquals(inet("198.51.100.0"), match.destination());
        assertEquals(24, match.length());

        assertRefused("ENETUNREACH", RouteLookup.to(there)); // without the mark
        ip(ours, "add", "prohibit 2001:db8:6::/48");
        assertRefused("EACCES", RouteLookup.to(inet("2001:db8:6::1")));

        Route own = route.lookup(RouteLookup.to(inet("2001:db8::1")));
        assertEquals(Route.RTN_LOCAL, own.type());
        Route link = route.lookup(RouteLookup.to(inet("2001:db8::77")).withOutgoing(INDEX));
        assertEquals(Route.RTN_UNICAST, link.type());
        assertNull(link.gateway());
    }

    private void assertRefused(String errno, RouteLookup packet) {
        assertEquals(
                errno,
                assertThrows(NetlinkException.class, () -> route.lookup(packet)).errnoName());
    }

    @Test
    void whatTheKernelDislikesIsNamed() {
        RawAttribute narrow = new RawAttribute(Metric.MTU.number(), Bytes.ofHex("7805"));
        Route asked = RouteExamples.to("198.51.100.0", 24)
                .withGateway(inet("192.0.2.2"))
                .withMetrics(new Metrics(Map.of(), "", List.of(narrow)));
        NetlinkException e = assertThrows(NetlinkException.class, () -> route.add(asked));
        assertEquals("RTM_NEWROUTE", e.operation());
        assertEquals("RTA_METRICS/RTAX_MTU", e.path(), e::toString);
    }

    private static void ip(Lab.Host host, String verb, String route) throws Exception {
        String family = route.contains("db8") && !route.contains("inet6") ? "-6" : "-4";
        List<String> command = new ArrayList<>(List.of("ip", family, "route", verb));
        command.addAll(Arrays.asList(route.split(" ")));
        host.run(command.toArray(String[]::new));
    }

    /** What ip shows of the examples: all that the kernel has not made itself. */
    private static JsonArray made(Lab.Host host, String family) throws Exception {
        var all = IpJson.of(host, family, "route", "show", "table", "all");
        var made = new JsonArray();
        all.forEach(r -> {
            if (!r.getAsJsonObject().get("protocol").getAsString().equals("kernel")) {
                made.add(r);
            }
        });
        return made;
    }

    private static List<Route> ofTheExamples(RouteNetlink route, int family) throws Exception {
        return route.routes(family).stream()
                .filter(r -> r.protocol() != Route.RTPROT_KERNEL)
                .toList();
    }

    /** Without what passes with the time. */
    private static List<Route> steady(RouteNetlink route, int family) throws Exception {
        return ofTheExamples(route, family).stream()
                .map(r -> {
                    RouteDraft d = new RouteDraft(r);
                    d.cacheInfo = null;
                    d.expiresSeconds = IpJson.steady(d.expiresSeconds);
                    return d.route();
                })
                .toList();
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
