package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.route.RouteEvent;
import org.mayfly.netlink.route.RouteEvents;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/**
 * A router learns of a door from the door; its {@code ip neigh} is the judge.
 *
 * <pre>
 *  client (c0) 2001:db8:c::c            (srv0) server
 *    |                                    |      2001:db8:1::5, doors in 2001:db8:1::/64
 *  (r0) 2001:db8:c::1                     |      its default route leads to fe80::1
 *  router (r1) 2001:db8:1::1, fe80::1, ---+
 *              and fe80::2, where it is another router to look at
 * </pre>
 */
final class NeighboursTest {
    private static final Ip6Address DOOR = Ip6Address.parse("2001:db8:1::aaaa:bbbb:cccc:dddd");
    private static final Ip6Address CLIENT = Ip6Address.parse("2001:db8:c::c");
    private static final Ip6Address ROUTER = Ip6Address.parse("2001:db8:1::1");
    private static final int PORT = 4022;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final Lab lab = new Lab();
    private Lab.Host client;
    private Lab.Host router;
    private Lab.Host server;
    private RouteNetlink route;
    private Neighbours neighbours;
    private int srv0;

    @BeforeEach
    void build() throws Exception {
        client = lab.host();
        router = lab.host();
        server = lab.host();
        lab.join(client, "c0", router, "r0");
        lab.join(router, "r1", server, "srv0");
        client.address("2001:db8:c::c/64", "c0");
        router.address("2001:db8:c::1/64", "r0");
        router.address("2001:db8:1::1/64", "r1");
        router.address("fe80::1/64", "r1");
        router.address("fe80::2/64", "r1");
        router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        // Between two questions: what it has asked for once in vain is left to who tells it by himself.
        router.run("sysctl", "-qw", "net.ipv6.neigh.r1.retrans_time_ms=60000");
        server.address("2001:db8:1::5/64", "srv0");
        client.run("ip", "-6", "route", "add", "default", "via", "2001:db8:c::1");
        server.run("ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "srv0");
        route = server.call(RouteNetlink::open);
        neighbours = server.call(() -> Neighbours.open(route));
        assertTrue(neighbours.isPossible(), neighbours::why);
        srv0 = route.link("srv0").orElseThrow().index();
    }

    @AfterEach
    void tearDown() {
        if (neighbours != null) { // the test was skipped
            neighbours.close();
            route.close();
        }
        lab.close();
    }

    private void putUp(Ip6Address door) throws Exception {
        server.address(door + "/128", "srv0");
    }

    private String remembered(Lab.Host by, String dev, Ip6Address door) throws Exception {
        return by.run("ip", "-6", "neigh", "show", door.toString(), "dev", dev);
    }

    private String mac() throws IOException {
        return route.link("srv0").orElseThrow().address().toString();
    }

    private static void until(String what, Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!holds.call()) {
            assertTrue(System.nanoTime() < end, what);
        }
    }

    private void untilKnown(Ip6Address door) throws Exception {
        until("the router does not know the door", () -> remembered(router, "r1", door)
                .contains("lladdr " + mac()));
    }

    @Test
    void aRouterThatHasNotAskedKnowsTheDoor() throws Exception {
        putUp(DOOR);
        assertEquals("", remembered(router, "r1", DOOR));
        neighbours.announce(DOOR, srv0, CLIENT);
        untilKnown(DOOR);
    }

    @Test
    void aConnectionThatCameBeforeItsDoorGoesOn() throws Exception {
        try (ServerSocketChannel service = server.call(ServerSocketChannel::open);
                SocketChannel early = client.call(SocketChannel::open)) {
            service.bind(new InetSocketAddress("::", PORT));
            early.configureBlocking(false);
            early.connect(new InetSocketAddress(DOOR.toInetAddress(), PORT));
            until("the router asks", () -> remembered(router, "r1", DOOR).contains("INCOMPLETE"));
            putUp(DOOR);
            assertFalse(early.finishConnect());
            String still = remembered(router, "r1", DOOR);
            assertTrue(still.contains("INCOMPLETE"), still);
            neighbours.announce(DOOR, srv0, CLIENT);
            until("it goes on", early::finishConnect);
        }
    }

    /** Then the question for the router comes from the door as well, ahead of what we send. */
    @Test
    void aRouterThatTheServerHasForgottenKnowsTheDoor() throws Exception {
        server.run("ip", "-6", "neigh", "flush", "dev", "srv0");
        putUp(DOOR);
        neighbours.announce(DOOR, srv0, CLIENT);
        untilKnown(DOOR);
    }

    @Test
    void aClientOnTheLinkKnowsTheDoor() throws Exception {
        server.run("ip", "-6", "route", "del", "default");
        putUp(DOOR);
        neighbours.announce(DOOR, srv0, CLIENT); // nobody is near
        neighbours.announce(DOOR, srv0, Ip6Address.UNSPECIFIED);
        neighbours.announce(DOOR, srv0, Ip6Address.parse("192.0.2.1"));
        assertEquals("", remembered(router, "r1", DOOR));
        neighbours.announce(DOOR, srv0, ROUTER);
        untilKnown(DOOR);
    }

    /** Also one that is no gateway, and one of several gateways of a route. */
    @Test
    void allRoutersOfTheLinkAreKnown() throws Exception {
        server.run("ip", "-6", "route", "del", "default");
        assertEquals(Set.of(), routers());
        server.run("ip", "-6", "neigh", "add", "fe80::7", "lladdr", "02:00:00:00:00:07", "router", "dev", "srv0");
        assertEquals(Set.of("fe80::7"), routers());
        server.run("ip", "-6", "route", "add", "2001:db8:e::/48", "via", "fe80::8", "dev", "srv0");
        server.run(
                "ip", "-6", "route", "add", "default", "nexthop", "via", "fe80::1", "dev", "srv0", "nexthop", "via",
                "fe80::2", "dev", "srv0");
        assertEquals(Set.of("fe80::1", "fe80::2", "fe80::7", "fe80::8"), routers());
        server.run("ip", "-6", "neigh", "del", "fe80::7", "dev", "srv0");
        assertEquals(List.of("fe80::1", "fe80::2", "fe80::8"), List.copyOf(routers()), "those of default routes first");
    }

    private Set<String> routers() throws Exception {
        Set<String> all = new LinkedHashSet<>();
        Vicinity.read(route, srv0)
                .routers()
                .forEach(r -> all.add(Ip6Address.of(r).toString()));
        return all;
    }

    @Test
    void itKnowsAgainWhatEventsTellOf() throws Exception {
        try (Events<RouteEvent> events =
                server.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_LINK, RouteEvents.RTNLGRP_IPV6_ROUTE))) {
            server.run("ip", "-6", "route", "del", "default");
            putUp(DOOR);
            neighbours.announce(DOOR, srv0, CLIENT);
            hear(events);
            neighbours.announce(DOOR, srv0, CLIENT);
            assertEquals("", remembered(router, "r1", DOOR));

            server.run("ip", "-6", "route", "add", "default", "via", "fe80::2", "dev", "srv0");
            neighbours.announce(DOOR, srv0, CLIENT);
            assertEquals("", remembered(router, "r1", DOOR), "nobody has told us");
            hear(events);
            neighbours.announce(DOOR, srv0, CLIENT);
            untilKnown(DOOR);

            server.run("ip", "link", "set", "srv0", "address", "02:00:00:00:00:99");
            hear(events);
            neighbours.announce(DOOR, srv0, CLIENT);
            untilKnown(DOOR);
            assertTrue(remembered(router, "r1", DOOR).contains("02:00:00:00:00:99"));
        }
    }

    private void hear(Events<RouteEvent> events) throws IOException {
        while (events.poll(0)) {
            events.read(new Events.Handler<RouteEvent>() {
                @Override
                public void event(RouteEvent event) {
                    neighbours.heard(event);
                }

                @Override
                public void overrun() {
                    neighbours.forget();
                }
            });
        }
    }

    /** Or every grant would have all routes dumped. */
    @Test
    void theRouteOfADoorIsNoNews() throws Exception {
        try (Events<RouteEvent> events = server.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_IPV6_ROUTE))) {
            Vicinity before = Vicinity.read(route, srv0);
            server.run("ip", "addr", "add", DOOR + "/128", "dev", "srv0", "nodad", "noprefixroute");
            assertTrue(events.poll(10_000));
            int[] heard = new int[1];
            events.read(new Events.Handler<RouteEvent>() {
                @Override
                public void event(RouteEvent event) {
                    heard[0]++;
                    assertFalse(before.isNews(((RouteEvent.RouteChanged) event).route()), event::toString);
                }

                @Override
                public void overrun() {
                    throw new AssertionError();
                }
            });
            assertTrue(heard[0] > 0);
        }
    }

    @Test
    void whereNobodyAsksForAddressesNobodyIsTold() throws Exception {
        Ip6Address loopback = Ip6Address.parse("::1");
        neighbours.announce(loopback, 1, loopback);
        neighbours.announce(loopback, 9999, loopback); // an interface that is no more
    }

    @Test
    void aDoorThatIsNotUpCannotBeTold() {
        assertThrows(NetlinkException.class, () -> neighbours.announce(DOOR, srv0, CLIENT));
    }

    @Test
    void withoutTheRightDoorsOpenAllTheSame() throws Exception {
        Process child = server.call(() -> new ProcessBuilder(
                        "setpriv",
                        "--bounding-set",
                        "-net_raw",
                        "--inh-caps",
                        "-net_raw",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        NeighboursChild.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, child.exitValue());
        assertEquals(
                List.of(
                        "false",
                        "no raw ICMPv6 socket (socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6): EPERM), so a client that"
                                + " connects as soon as it has knocked may wait a second; run as root, or give the agent"
                                + " CAP_NET_RAW",
                        "announced"),
                said.lines().toList());
    }
}
