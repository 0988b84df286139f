package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;

/** On the real kernel: ip does, we hear. */
final class RouteEventsTest {
    private final Lab lab = new Lab();
    private Lab.Host host;
    private Events<RouteEvent> events;
    private Heard heard;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        events = host.call(RouteEvents::open);
        heard = new Heard(events);
    }

    @AfterEach
    void close() {
        events.close();
        lab.close();
    }

    @Test
    void anAddressComesAndItsLocalRouteAndBothGo() throws Exception {
        InetAddress door = InetAddress.getByName("2001:db8::42");
        host.run("ip", "addr", "add", "2001:db8::42/128", "dev", "lo", "nodad");
        heard.await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && !a.gone());
        heard.await(e -> e instanceof RouteEvent.RouteChanged r
                && door.equals(r.route().destination())
                && r.route().table() == Route.RT_TABLE_LOCAL
                && !r.gone());
        host.run("ip", "addr", "del", "2001:db8::42/128", "dev", "lo");
        heard.await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && a.gone());
        heard.await(e ->
                e instanceof RouteEvent.RouteChanged r && door.equals(r.route().destination()) && r.gone());
    }

    @Test
    void anAddressThatExpiresIsHeardToGo() throws Exception {
        InetAddress door = InetAddress.getByName("2001:db8::43");
        try (RouteNetlink route = host.call(RouteNetlink::open)) {
            int lo = route.link("lo").orElseThrow().index();
            route.add(new Address(door, 128, Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE, 0, lo, 0, 1, 77));
        }
        heard.await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && a.address().protocol() == 77
                && a.gone());
    }

    @Test
    void linksComeChangeAndGo() throws Exception {
        host.run("ip", "link", "add", "a0", "type", "veth", "peer", "name", "a1");
        heard.await(link("a0", l -> !l.isUp() && l.kind().name().equals("veth")));
        host.run("ip", "link", "set", "a0", "up");
        heard.await(link("a0", Link::isUp));
        host.run("ip", "link", "del", "a0");
        heard.await(
                e -> e instanceof RouteEvent.LinkChanged l && l.link().name().equals("a0") && l.gone());
    }

    @Test
    void ipv4IsHeardToo() throws Exception {
        host.run("ip", "addr", "add", "192.0.2.7/32", "dev", "lo");
        InetAddress address = InetAddress.getByName("192.0.2.7");
        heard.await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(address));
        heard.await(e -> e instanceof RouteEvent.RouteChanged r
                && address.equals(r.route().destination()));
    }

    @Test
    void oneGroupAloneSaysNothingElse() throws Exception {
        try (Events<RouteEvent> links = host.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_LINK))) {
            host.run("ip", "addr", "add", "192.0.2.7/32", "dev", "lo");
            host.run("ip", "link", "add", "a0", "type", "veth", "peer", "name", "a1");
            Heard alone = new Heard(links);
            alone.await(link("a1", l -> true));
            assertTrue(alone.all().stream().allMatch(RouteEvent.LinkChanged.class::isInstance), () -> "" + alone.all());
        }
    }

    private static Predicate<RouteEvent> link(String name, Predicate<Link> state) {
        return e -> e instanceof RouteEvent.LinkChanged l
                && !l.gone()
                && l.link().name().equals(name)
                && state.test(l.link());
    }
}
