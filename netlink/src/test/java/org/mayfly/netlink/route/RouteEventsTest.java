package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.testing.Lab;

/** On the real kernel: ip does, we hear. */
final class RouteEventsTest {
    private static final int PATIENCE = 10_000;

    private final Lab lab = new Lab();
    private final List<RouteEvent> heard = new ArrayList<>();
    private int overruns;
    private Lab.Host host;
    private RouteEvents events;
    private final RouteEvents.Handler handler = new RouteEvents.Handler() {
        @Override
        public void event(RouteEvent event) {
            heard.add(event);
        }

        @Override
        public void overrun() {
            overruns++;
        }
    };

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        events = host.call(RouteEvents::open);
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
        await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && !a.gone());
        await(e -> e instanceof RouteEvent.RouteChanged r
                && door.equals(r.route().destination())
                && r.route().table() == Route.RT_TABLE_LOCAL
                && !r.gone());
        host.run("ip", "addr", "del", "2001:db8::42/128", "dev", "lo");
        await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && a.gone());
        await(e ->
                e instanceof RouteEvent.RouteChanged r && door.equals(r.route().destination()) && r.gone());
    }

    @Test
    void anAddressThatExpiresIsHeardToGo() throws Exception {
        InetAddress door = InetAddress.getByName("2001:db8::43");
        try (RouteNetlink route = host.call(RouteNetlink::open)) {
            int lo = route.link("lo").orElseThrow().index();
            route.add(new Address(door, 128, Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE, 0, lo, 0, 1, 77));
        }
        await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(door)
                && a.address().protocol() == 77
                && a.gone());
    }

    @Test
    void linksComeChangeAndGo() throws Exception {
        host.run("ip", "link", "add", "a0", "type", "veth", "peer", "name", "a1");
        await(link("a0", l -> !l.isUp() && l.kind().name().equals("veth")));
        host.run("ip", "link", "set", "a0", "up");
        await(link("a0", Link::isUp));
        host.run("ip", "link", "del", "a0");
        await(e -> e instanceof RouteEvent.LinkChanged l && l.link().name().equals("a0") && l.gone());
    }

    @Test
    void ipv4IsHeardToo() throws Exception {
        host.run("ip", "addr", "add", "192.0.2.7/32", "dev", "lo");
        InetAddress address = InetAddress.getByName("192.0.2.7");
        await(e -> e instanceof RouteEvent.AddressChanged a
                && a.address().address().equals(address));
        await(e -> e instanceof RouteEvent.RouteChanged r
                && address.equals(r.route().destination()));
    }

    @Test
    void oneGroupAloneSaysNothingElse() throws Exception {
        try (RouteEvents links = host.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_LINK))) {
            host.run("ip", "addr", "add", "192.0.2.7/32", "dev", "lo");
            host.run("ip", "link", "add", "a0", "type", "veth", "peer", "name", "a1");
            assertTrue(links.poll(PATIENCE));
            while (links.read(handler)) {}
            assertTrue(heard.stream().allMatch(RouteEvent.LinkChanged.class::isInstance), heard::toString);
            assertEquals(0, overruns);
        }
    }

    private static Predicate<RouteEvent> link(String name, Predicate<Link> state) {
        return e -> e instanceof RouteEvent.LinkChanged l
                && !l.gone()
                && l.link().name().equals(name)
                && state.test(l.link());
    }

    private void await(Predicate<RouteEvent> wanted) throws Exception {
        while (heard.stream().noneMatch(wanted)) {
            assertTrue(events.poll(PATIENCE), () -> "only heard " + heard);
            while (events.read(handler)) {}
        }
        assertEquals(0, overruns);
    }
}
