package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Payload;

/** Prefixes that a router advertises: their bytes, and a real advertisement. */
final class PrefixTest {
    private static final InetAddress NET = RouteBytesTest.inet("2001:db8:5::");
    private static final int ETH0 = 2;

    /**
     * What {@code ip monitor prefix} is told on {@link RouterAdvertisement} of 2001:db8:5::/64 for 600 and 300 seconds.
     * The kernel only tells; nobody writes this message.
     */
    private static final String HEARD =
            "0a00000002000000 03 40 c0 00" + "14000100 20010db8000500000000000000000000" + "0c000200 2c010000 58020000";

    private static final Prefix PREFIX = new Prefix(NET, 64, ETH0, 3, 0xc0, 300, 600, List.of());

    @Test
    void aPrefixIsReadAsTheKernelTellsIt() {
        assertEquals(PREFIX, Payload.of(HEARD).decode(Prefix::decode));
        RouteEvent event = Payload.of(HEARD).decode((b, o, l) -> RouteEvent.read(Prefix.RTM_NEWPREFIX, b, o, l));
        assertEquals(new RouteEvent.PrefixChanged(PREFIX), event);
    }

    @Test
    void itsFlagsAreThoseOfTheAdvertisementOrOlder() {
        assertTrue(PREFIX.onLink() && PREFIX.autonomous());
        // before Linux 6.8: IF_PREFIX_ONLINK alone
        Prefix older = Payload.of(HEARD.replace("c0 00", "01 00")).decode(Prefix::decode);
        assertTrue(older.onLink() && !older.autonomous());
        Prefix automatic = Payload.of(HEARD.replace("c0 00", "40 00")).decode(Prefix::decode);
        assertTrue(!automatic.onLink() && automatic.autonomous());
    }

    @Test
    void cutAnywhereItIsRefusedOrShorter() {
        Payload.of(HEARD).truncate(Prefix::decode, p -> p.index() == ETH0);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFrontAndWhatIsUnknownIsKept() {
        String longer = HEARD.replace("0c000200 2c010000 58020000", "10000200 2c010000 58020000 01020304");
        assertEquals(PREFIX, Payload.of(longer).decode(Prefix::decode));
        Prefix more = Payload.of(HEARD).and("0900bcba 0102030405 000000").decode(Prefix::decode);
        assertEquals(List.of(new RawAttribute(0xbabc, Bytes.ofHex("0102030405"))), more.unknown());
    }

    @Test
    void aRouterIsHeardWithItsPrefixAndWithTheRouteToIt() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            Lab.Host router = lab.host();
            lab.join(host, "eth0", router, "eth0");
            try (Events<RouteEvent> events = host.call(RouteEvents::open)) {
                Heard heard = new Heard(events);
                router.call(() -> {
                    new RouterAdvertisement(NET, 64, 600, 300, 1800, 1).send(ETH0);
                    return 0;
                });
                heard.await(e -> e instanceof RouteEvent.PrefixChanged p && isOurs(p.prefix()));
                heard.await(e -> e instanceof RouteEvent.RouteChanged r && isDefault(r.route()));
            }
            try (RouteNetlink route = host.call(RouteNetlink::open)) {
                List<Route> made = route.routes(RouteFilter.of(Route.AF_INET6).withProtocol(Route.RTPROT_RA));
                assertEquals(1, made.size());
                assertTrue(isDefault(made.get(0)), made::toString);
                String shown = host.run("ip", "-6", "route", "show", "proto", "ra");
                assertTrue(shown.contains("default via fe80::b dev eth0 metric 1024 expires 1"), shown);
                assertTrue(shown.contains("pref high"), shown);
            }
        }
    }

    /** Its flags are other numbers before Linux 6.8. */
    private static boolean isOurs(Prefix p) {
        Prefix same = new Prefix(NET, 64, ETH0, 3, p.flags(), 300, 600, List.of());
        return p.equals(same) && p.onLink() && p.autonomous();
    }

    private static boolean isDefault(Route r) {
        return r.destination() == null
                && r.index() == ETH0
                && RouteBytesTest.inet("fe80::b").equals(r.gateway())
                && r.preference() == 1
                && r.expiresSeconds() > 1700
                && r.expiresSeconds() <= 1800;
    }
}
