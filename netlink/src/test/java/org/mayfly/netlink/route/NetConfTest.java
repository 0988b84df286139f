package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Payload;

/** Settings of interfaces: their bytes, and those of a real one that change. */
final class NetConfTest {
    private static final int ETH0 = 3;

    /** What Linux 6.18 tells of {@code sysctl net.ipv4.conf.eth0.forwarding=1}; nobody writes this message. */
    private static final String HEARD = "02000000" + "08000100 03000000" + "08000200 01000000";

    /** What it answers for {@code conf/all}: more, of which {@code NETCONFA_BC_FORWARDING} stands in the middle. */
    private static final String DUMPED =
            "02000000 08000100 ffffffff 08000200 00000000 08000300 00000000 08000400 00000000"
                    + "08000800 00000000 08000500 00000000 08000600 00000000";

    private static final NetConf FORWARDS = new NetConf(Route.AF_INET, ETH0, 1, List.of());

    @Test
    void settingsAreReadAsTheKernelTellsThem() {
        assertEquals(FORWARDS, Payload.of(HEARD).decode(NetConf::decode));
        NetConf all = Payload.of(DUMPED).decode(NetConf::decode);
        assertEquals(new NetConf(Route.AF_INET, NetConf.ALL, 0, all.unknown()), all);
        assertEquals(
                List.of(3, 4, 8, 5, 6),
                all.unknown().stream().map(RawAttribute::type).toList());
    }

    @Test
    void ofWhatHasNoNameNothingIsTold() {
        NetConf forced = new NetConf(Route.AF_INET6, ETH0, NetConf.NOT_TOLD, List.of());
        assertEquals(forced, Payload.of("0a000000 08000100 03000000").decode(NetConf::decode));
    }

    @Test
    void aChangeIsAnEvent() {
        assertEquals(new RouteEvent.NetConfChanged(FORWARDS, false), event(NetConf.RTM_NEWNETCONF));
        assertEquals(new RouteEvent.NetConfChanged(FORWARDS, true), event(NetConf.RTM_DELNETCONF));
    }

    private static RouteEvent event(int type) {
        return Payload.of(HEARD).decode((b, o, l) -> RouteEvent.read(type, b, o, l));
    }

    @Test
    void cutAnywhereItIsRefusedOrShorter() {
        Payload.of(HEARD).truncate(NetConf::decode, c -> c.family() == Route.AF_INET);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFrontAndWhatIsUnknownIsKept() {
        String longer = HEARD.replace("08000200 01000000", "0c000200 01000000 01020304");
        assertEquals(FORWARDS, Payload.of(longer).decode(NetConf::decode));
        NetConf more = Payload.of(HEARD).and("0900bcba 0102030405 000000").decode(NetConf::decode);
        assertEquals(List.of(new RawAttribute(0xbabc, Bytes.ofHex("0102030405"))), more.unknown());
    }

    @Test
    void theKernelTellsThemAndTheirChanges() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            try (RouteNetlink route = host.call(RouteNetlink::open);
                    Events<RouteEvent> events = host.call(() ->
                            RouteEvents.open(RouteEvents.RTNLGRP_IPV4_NETCONF, RouteEvents.RTNLGRP_IPV6_NETCONF))) {
                int index = route.link("eth0").orElseThrow().index();
                Heard heard = new Heard(events);
                for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
                    assertEquals(0, forwarding(route, family, index));
                    String version = family == Route.AF_INET ? "ipv4" : "ipv6";
                    host.run("sysctl", "-qw", "net." + version + ".conf.eth0.forwarding=1");
                    heard.await(e ->
                            e.equals(new RouteEvent.NetConfChanged(new NetConf(family, index, 1, List.of()), false)));
                    assertEquals(1, forwarding(route, family, index));
                    assertEquals(0, forwarding(route, family, NetConf.ALL));
                }
                route.delete(route.link("eth0").orElseThrow());
                heard.await(e -> e instanceof RouteEvent.NetConfChanged c
                        && c.gone()
                        && c.settings().index() == index);
            }
        }
    }

    private static int forwarding(RouteNetlink route, int family, int index) throws Exception {
        return route.netConf(family).stream()
                .filter(c -> c.family() == family && c.index() == index)
                .findFirst()
                .orElseThrow()
                .forwarding();
    }
}
