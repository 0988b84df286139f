package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.testing.Lab;

/** The kernel itself leaves out what a dump is not to have: we count what it sends, before anybody here has a look. */
final class FilterKernelTest {
    private static final int LO = 1;
    private static final int ETH0 = 2;

    private final Lab lab = new Lab();
    private Lab.Host host;
    private Lab.Host peer;
    private RouteNetlink route;
    private NetlinkConnection raw;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        peer = lab.host();
        lab.join(host, "eth0", peer, "eth0");
        host.address("192.0.2.1/24", "eth0");
        host.address("2001:db8::1/64", "eth0");
        route = host.call(RouteNetlink::open);
        raw = host.call(() -> NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, RouteVocabulary.INSTANCE));
    }

    @AfterEach
    void close() {
        raw.close();
        route.close();
        lab.close();
    }

    @Test
    void addressesOfAFamilyAndOfAnInterface() throws Exception {
        AddressFilter four = AddressFilter.ALL.withFamily(Route.AF_INET);
        AddressFilter six = AddressFilter.ALL.withFamily(Route.AF_INET6);
        assertEquals(Set.of("127.0.0.1", "192.0.2.1"), addresses(four));
        assertEquals(Set.of("192.0.2.1"), addresses(four.withIndex(ETH0)));
        assertEquals(Set.of("0:0:0:0:0:0:0:1"), addresses(six.withIndex(LO)));
        assertEquals(Set.of("127.0.0.1", "0:0:0:0:0:0:0:1"), addresses(AddressFilter.ALL.withIndex(LO)));
        assertEquals(5, addresses(AddressFilter.ALL).size());
        NetlinkException nowhere =
                assertThrows(NetlinkException.class, () -> route.addresses(AddressFilter.ALL.withIndex(77)));
        assertEquals(Errno.ENODEV, nowhere.errno());
    }

    @Test
    void addressesOfAnotherNamespace() throws Exception {
        peer.address("2001:db8::77/64", "eth0");
        AddressFilter there = AddressFilter.ALL.withFamily(Route.AF_INET6).withTargetNetnsid(peersNumber());
        assertEquals(Set.of("0:0:0:0:0:0:0:1", "fe80:0:0:0:0:0:0:b", "2001:db8:0:0:0:0:0:77"), addresses(there));
        assertTrue(route.addresses(there).stream().allMatch(a -> a.targetNetnsid() == there.targetNetnsid()));
    }

    /** The veth's other end is in a namespace that this one has a number for: {@code link-netnsid 0}. */
    private int peersNumber() throws Exception {
        return IpJson.of(host, "link", "show", "dev", "eth0")
                .get(0)
                .getAsJsonObject()
                .get("link_netnsid")
                .getAsInt();
    }

    private Set<String> addresses(AddressFilter filter) throws Exception {
        List<Address> found = route.addresses(filter);
        assertEquals(found.size(), came(Address.RTM_GETADDR, filter::write));
        return found.stream().map(a -> a.address().getHostAddress()).collect(Collectors.toSet());
    }

    @Test
    void routesOfATableAProtocolATypeAndAnInterface() throws Exception {
        host.run("ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2", "proto", "77");
        host.run("ip", "route", "add", "198.51.101.0/24", "dev", "lo", "table", "1000");
        host.run("ip", "-6", "route", "add", "2001:db8:1::/64", "via", "2001:db8::2", "proto", "77");
        host.run("ip", "-6", "route", "add", "unreachable", "2001:db8:2::/64", "table", "1000", "proto", "77");

        RouteFilter four = RouteFilter.of(Route.AF_INET);
        assertEquals(List.of("198.51.101.0"), routes(four.withTable(1000)));
        assertEquals(List.of("198.51.100.0"), routes(four.withProtocol(77)));
        assertEquals(
                List.of("192.0.2.0", "198.51.100.0"),
                routes(four.withIndex(ETH0).withType(Route.RTN_UNICAST)));
        assertEquals(List.of(), routes(four.withTable(1000).withIndex(ETH0)));
        assertEquals(List.of(), route.routes(four.withTable(4711))); // which is not there

        RouteFilter six = RouteFilter.of(Route.AF_INET6);
        assertEquals(Set.of("2001:db8:1:0:0:0:0:0", "2001:db8:2:0:0:0:0:0"), Set.copyOf(routes(six.withProtocol(77))));
        assertEquals(List.of("2001:db8:2:0:0:0:0:0"), routes(six.withTable(1000)));
        assertEquals(
                List.of("2001:db8:2:0:0:0:0:0"),
                routes(six.withType(Route.RTN_UNREACHABLE).withProtocol(77)));
        assertEquals(List.of("0:0:0:0:0:0:0:1"), routes(six.withIndex(LO).withType(Route.RTN_LOCAL)));
        assertEquals(List.of(), route.routes(six.withTable(4711)));
    }

    private List<String> routes(RouteFilter filter) throws Exception {
        List<Route> found = route.routes(filter);
        assertEquals(found.size(), came(Route.RTM_GETROUTE, filter::write));
        return found.stream()
                .map(r -> r.destination() == null ? "default" : r.destination().getHostAddress())
                .toList();
    }

    @Test
    void rulesOfAFamily() throws Exception {
        host.run("ip", "-6", "rule", "add", "fwmark", "7", "table", "1000");
        for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
            List<Rule> rules = route.rules(family);
            assertEquals(3, rules.size());
            assertTrue(rules.stream().allMatch(r -> r.family() == family));
            assertEquals(3, came(Rule.RTM_GETRULE, w -> w.u8(family).zeros(Rule.HEADER - 1)));
        }
    }

    /** How many messages the kernel answers a dump with. */
    private int came(int type, Consumer<MessageWriter> request) throws Exception {
        MessageWriter w = new MessageWriter(512).begin(type, 0);
        request.accept(w);
        w.end();
        return raw.dump(w, (t, b, offset, length) -> t).size();
    }
}
