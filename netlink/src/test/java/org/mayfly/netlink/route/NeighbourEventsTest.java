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
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Payload;

/** What is heard of neighbours and of the ports of bridges. */
final class NeighbourEventsTest {
    private static final int PATIENCE = 10_000;
    private static final LinkLayerAddress ONE = LinkLayerAddress.parse("02:00:00:00:00:01");

    private final Lab lab = new Lab();
    private final List<RouteEvent> heard = new ArrayList<>();
    private int overruns;
    private Lab.Host host;
    private Lab.Host peer;
    private Events<RouteEvent> events;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        peer = lab.host();
        lab.join(host, "eth0", peer, "eth0");
        events = host.call(() -> RouteEvents.open(RouteEvents.RTNLGRP_LINK, RouteEvents.RTNLGRP_NEIGH));
    }

    @AfterEach
    void close() {
        events.close();
        lab.close();
    }

    @Test
    void anEntryComesChangesAndGoes() throws Exception {
        InetAddress address = InetAddress.getByName("2001:db8::9");
        host.run("ip", "neigh", "add", "proxy", "2001:db8::5", "dev", "eth0");
        host.run("ip", "neigh", "add", "2001:db8::9", "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "stale");
        await(neighbour(
                false,
                n -> address.equals(n.destination()) && n.lladdr().equals(ONE) && n.state() == Neighbour.NUD_STALE));
        host.run("ip", "neigh", "replace", "2001:db8::9", "dev", "eth0", "nud", "permanent");
        await(neighbour(false, n -> address.equals(n.destination()) && n.state() == Neighbour.NUD_PERMANENT));
        host.run("ip", "neigh", "del", "2001:db8::9", "dev", "eth0");
        await(neighbour(true, n -> address.equals(n.destination())));
        assertTrue(heard.stream().noneMatch(neighbour(false, Neighbour::isProxy)), heard::toString);
    }

    @Test
    void aNeighbourIsFoundWhereItIs() throws Exception {
        InetAddress there = InetAddress.getByName("fe80::b");
        LinkLayerAddress found;
        try (RouteNetlink route = peer.call(RouteNetlink::open)) {
            found = route.link("eth0").orElseThrow().address();
        }
        try (RouteNetlink route = host.call(RouteNetlink::open)) {
            int index = route.link("eth0").orElseThrow().index();
            route.replace(Neighbour.permanent(index, there, LinkLayerAddress.NONE)
                    .withState(Neighbour.NUD_NONE)
                    .withFlags(0, Neighbour.NTF_EXT_MANAGED));
            await(neighbour(
                    false,
                    n -> there.equals(n.destination())
                            && n.state() == Neighbour.NUD_REACHABLE
                            && n.lladdr().equals(found)));
            Neighbour key = Neighbour.permanent(index, there, LinkLayerAddress.NONE);
            Neighbour.CacheInfo info = route.neighbour(key).orElseThrow().cacheInfo();
            assertTrue(info != null && info.confirmed() < 1000, () -> "not confirmed in the last ten seconds: " + info);
        }
    }

    @Test
    void aPortThatLeavesItsBridgeIsNotGone() throws Exception {
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "link", "set", "eth0", "master", "br0");
        await(e -> e instanceof RouteEvent.BridgePortChanged p
                && p.port().name().equals("eth0")
                && p.port().master() > 0
                && !p.gone());
        host.run("bridge", "fdb", "add", "02:00:00:00:00:01", "dev", "eth0", "master", "static");
        await(neighbour(
                false,
                n -> n.family() == Link.AF_BRIDGE
                        && n.destination() == null
                        && n.lladdr().equals(ONE)));
        host.run("ip", "link", "set", "eth0", "nomaster");
        await(e ->
                e instanceof RouteEvent.BridgePortChanged p && p.port().name().equals("eth0") && p.gone());
        assertTrue(heard.stream().noneMatch(e -> e instanceof RouteEvent.LinkChanged l && l.gone()), heard::toString);
    }

    @Test
    void eventsAreTheSameRecords() {
        // ip link set eth1 nomaster: RTM_DELLINK, while the interface is still there
        Payload left = Payload.of("07000100 02000000 43100100 00000000 09000300 6574683100000000 08000a00 04000000"
                + "08000400 dc050000 05001000 06000000 0a000100 b6ed3774b6780000 08000500 03000000");
        assertEquals(
                new RouteEvent.BridgePortChanged(left.decode(Link::decode), true),
                left.decode((b, o, l) -> RouteEvent.read(Link.RTM_DELLINK, b, o, l)));
        // and what the bridge had been told of it: bridge fdb add 02:00:00:00:00:01 dev eth1 master static
        Payload entry = Payload.of("07000000 02000000 40000000 0a000200 0200000000010000 08000900 04000000"
                + "08000f00 00000000 14000300 00000000 00000000 00000000 00000000");
        assertEquals(
                new RouteEvent.NeighbourChanged(entry.decode(Neighbour::decode), true),
                entry.decode((b, o, l) -> RouteEvent.read(Neighbour.RTM_DELNEIGH, b, o, l)));
    }

    private static Predicate<RouteEvent> neighbour(boolean gone, Predicate<Neighbour> state) {
        return e -> e instanceof RouteEvent.NeighbourChanged n && n.gone() == gone && state.test(n.neighbour());
    }

    private void await(Predicate<RouteEvent> wanted) throws Exception {
        Events.Handler<RouteEvent> handler = new Events.Handler<RouteEvent>() {
            @Override
            public void event(RouteEvent event) {
                heard.add(event);
            }

            @Override
            public void overrun() {
                overruns++;
            }
        };
        while (heard.stream().noneMatch(wanted)) {
            assertTrue(events.poll(PATIENCE), () -> "only heard " + heard);
            while (events.read(handler)) {}
        }
        assertEquals(0, overruns);
    }
}
