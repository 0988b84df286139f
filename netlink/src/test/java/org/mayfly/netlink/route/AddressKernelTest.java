package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;

/** Addresses on the real kernel: ip does in one namespace what we do in another, and says the same of both. */
final class AddressKernelTest {
    private static final int INDEX = 2;
    private static final int IPV4 = 4;
    private static final int NODAD = Address.IFA_F_NODAD;

    private final Lab lab = new Lab();
    private Lab.Host ours;
    private Lab.Host theirs;
    private RouteNetlink route;

    /** What {@code ip addr add} is told, and the same as we say it. */
    private record Example(String ip, Address address) {}

    private static final List<Example> EXAMPLES = List.of(
            new Example("192.0.2.1/24", to("192.0.2.1", 24)),
            new Example(
                    "192.0.2.55/24 broadcast 192.0.2.255 label eth0:x metric 77 valid_lft 100 preferred_lft 50",
                    to("192.0.2.55", 24)
                            .withBroadcast(inet("192.0.2.255"))
                            .withLabel("eth0:x")
                            .withRoutePriority(77)
                            .withLifetime(50, 100)),
            new Example(
                    "192.0.2.65 peer 198.51.100.1/32 noprefixroute",
                    to("192.0.2.65", 32).withPeer(inet("198.51.100.1")).withFlags(Address.IFA_F_NOPREFIXROUTE)),
            new Example("10.0.0.1/8 scope link", to("10.0.0.1", 8).withScope(Route.RT_SCOPE_LINK)),
            new Example("2001:db8::1/64 nodad", to("2001:db8::1", 64).withFlags(NODAD)),
            new Example(
                    "2001:db8::2/128 nodad noprefixroute preferred_lft 0 valid_lft 300",
                    to("2001:db8::2", 128)
                            .withFlags(NODAD | Address.IFA_F_NOPREFIXROUTE)
                            .withLifetime(0, 300)),
            new Example(
                    "2001:db8:1::3/64 nodad metric 77 home mngtmpaddr",
                    to("2001:db8:1::3", 64)
                            .withFlags(NODAD | Address.IFA_F_HOMEADDRESS | Address.IFA_F_MANAGETEMPADDR)
                            .withRoutePriority(77)),
            new Example(
                    "2001:db8::65 peer 2001:db8:2::1/128 nodad",
                    to("2001:db8::65", 128).withPeer(inet("2001:db8:2::1")).withFlags(NODAD)));

    @BeforeEach
    void open() throws Exception {
        ours = lab.host();
        theirs = lab.host();
        lab.join(ours, "eth0", theirs, "eth0");
        for (Lab.Host host : List.of(ours, theirs)) {
            host.run("ip", "addr", "flush", "dev", "eth0");
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
        for (Example e : EXAMPLES) {
            ip(theirs, e.ip);
            route.add(e.address);
        }
        JsonArray shown = shown(ours);
        assertEquals(shown(theirs), shown);
        assertEquals(EXAMPLES.size(), shown.size());
        try (RouteNetlink other = theirs.call(RouteNetlink::open)) {
            assertEquals(steady(other), steady(route));
        }
        takeDown(EXAMPLES.stream().map(Example::address).toList());
    }

    @Test
    void whatIpAddedIsReadAndWrittenBackAndIpSaysTheSame() throws Exception {
        for (Example e : EXAMPLES) {
            ip(ours, e.ip);
        }
        JsonArray before = shown(ours);
        List<Address> read = on(route);
        assertEquals(EXAMPLES.size(), read.size());
        takeDown(read);
        List<Address> again = new ArrayList<>(read);
        // the kernel lists the newest of IPv6 first, the oldest of IPv4
        Collections.reverse(again.subList(IPV4, again.size()));
        for (Address a : again) {
            route.add(a);
        }
        assertEquals(before, shown(ours));
    }

    /** The last one first: with a primary address of IPv4 the secondary ones of its prefix go. */
    private void takeDown(List<Address> addresses) throws Exception {
        for (int i = addresses.size(); i-- > 0; ) {
            route.delete(addresses.get(i));
        }
        assertEquals(new JsonArray(), shown(ours));
    }

    @Test
    void whoPutItUpAndWhenIsKept() throws Exception {
        Address asked = to("2001:db8::7", 64).withFlags(NODAD).withProtocol(99).withLifetime(50, 100);
        route.add(asked);
        Address first = on(route).get(0);
        assertEquals(99, first.protocol());
        assertNotEquals(0, first.created());
        assertEquals(first.created(), first.updated());
        route.replace(first.withLifetime(500, 1000));
        Address second = on(route).get(0);
        assertEquals(99, second.protocol());
        assertEquals(first.created(), second.created());
        assertTrue(second.updated() >= first.updated(), second::toString);
        assertEquals(1000, second.validSeconds());
    }

    @Test
    void theRouteOfAnAddressComesAfterItsAcknowledgementAndGoesWithIt() throws Exception {
        InetAddress door = inet("2001:db8::7");
        RouteLookup toIt = RouteLookup.to(door);
        try (Events<RouteEvent> events = ours.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_IPV6_ROUTE))) {
            Heard heard = new Heard(events);
            for (int i = 0; i < 20; i++) {
                Address address = to("2001:db8::7", 64).withFlags(NODAD);
                route.add(address);
                heard.await(e -> local(e, door, false));
                assertEquals(Route.RTN_LOCAL, route.lookup(toIt).type());
                route.delete(address);
                heard.await(e -> local(e, door, true));
                assertTrue(
                        route.routes(RouteFilter.of(Route.AF_INET6).withTable(Route.RT_TABLE_LOCAL)).stream()
                                .noneMatch(r -> door.equals(r.destination())),
                        "the route outlives what was heard of its end");
                heard.forget();
            }
        }
    }

    private static boolean local(RouteEvent e, InetAddress address, boolean gone) {
        return e instanceof RouteEvent.RouteChanged r
                && address.equals(r.route().destination())
                && r.route().type() == Route.RTN_LOCAL
                && r.gone() == gone;
    }

    private static void ip(Lab.Host host, String address) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip", "addr", "add"));
        command.addAll(Arrays.asList(address.split(" ")));
        command.addAll(List.of("dev", "eth0"));
        host.run(command.toArray(String[]::new));
    }

    private static JsonArray shown(Lab.Host host) throws Exception {
        return IpJson.of(host, "addr", "show", "dev", "eth0")
                .get(0)
                .getAsJsonObject()
                .get("addr_info")
                .getAsJsonArray();
    }

    private static List<Address> on(RouteNetlink route) throws Exception {
        return route.addresses(AddressFilter.ALL.withIndex(INDEX));
    }

    /** Without what passes with the time. */
    private static List<Address> steady(RouteNetlink route) throws Exception {
        return on(route).stream()
                .map(AddressBytesTest::unstamped)
                .map(a -> a.withLifetime(IpJson.steady(a.preferredSeconds()), IpJson.steady(a.validSeconds())))
                .toList();
    }

    private static Address to(String address, int length) {
        return Address.of(inet(address), length, INDEX);
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
