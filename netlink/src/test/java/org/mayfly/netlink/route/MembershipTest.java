package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Payload;

/** Groups that interfaces have joined: their bytes, and the real kernel judged by ip. Nobody writes this message. */
final class MembershipTest {
    private static final InetAddress DOOR = RouteBytesTest.inet("2001:db8::42");

    /** Linux 6.18 on a {@code RTM_GETMULTICAST} for IPv6, and on a {@code RTM_GETANYCAST} of a router. */
    private static final String MULTICAST = "0a80800003000000"
            + "14000700 ff0200000000000000000001ff000001"
            + "14000600 ffffffff ffffffff aea61500 aea61500";

    private static final String ANYCAST = "0a80800003000000"
            + "14000500 20010db8000000000000000000000000"
            + "14000600 ffffffff ffffffff aea61500 aea61500";

    @Test
    void theyAreReadAsTheKernelTellsThem() {
        assertEquals(
                new Membership(RouteBytesTest.inet("ff02::1:ff00:1"), false, 3, 0, 0x15a6ae, List.of()),
                Payload.of(MULTICAST).decode(Membership::decode));
        assertEquals(
                new Membership(RouteBytesTest.inet("2001:db8::"), true, 3, 0, 0x15a6ae, List.of()),
                Payload.of(ANYCAST).decode(Membership::decode));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(MULTICAST).truncate(Membership::decode, m -> m.index() == 3);
        Payload.of(ANYCAST).truncate(Membership::decode, m -> m.index() == 3);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFrontAndWhatIsUnknownIsKept() {
        String longer = MULTICAST.replace("14000600", "18000600") + "01020304";
        assertEquals(
                Payload.of(MULTICAST).decode(Membership::decode),
                Payload.of(longer).decode(Membership::decode));
        Membership more =
                Payload.of(MULTICAST).and("0900bcba 0102030405 000000").decode(Membership::decode);
        assertEquals(List.of(new RawAttribute(0xbabc, Bytes.ofHex("0102030405"))), more.unknown());
    }

    @Test
    void theKernelListsWhatIpLists() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            host.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
            host.address("2001:db8::1/64", "eth0");
            try (RouteNetlink route = host.call(RouteNetlink::open)) {
                int index = route.link("eth0").orElseThrow().index();
                AddressFilter six = AddressFilter.ALL.withFamily(Route.AF_INET6).withIndex(index);
                assertEquals(shown(host), listed(route.multicast(six)));
                List<Membership> anycast = route.anycast(six);
                assertTrue(listed(anycast).contains("2001:db8:0:0:0:0:0:0"), anycast::toString);
                assertTrue(anycast.stream().allMatch(m -> m.anycast() && m.index() == index));
                NetlinkException none =
                        assertThrows(NetlinkException.class, () -> route.anycast(six.withFamily(Route.AF_INET)));
                assertEquals("EOPNOTSUPP", none.errnoName());
                assertEquals("RTM_GETANYCAST", none.operation());
            }
        }
    }

    private static Set<String> listed(List<Membership> memberships) {
        return memberships.stream()
                .map(m -> m.address() == null ? "?" : m.address().getHostAddress())
                .collect(Collectors.toSet());
    }

    private static Set<String> shown(Lab.Host host) throws Exception {
        Set<String> groups = new HashSet<>();
        IpJson.of(host, "maddr", "show", "dev", "eth0")
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("maddr")
                .forEach(m -> {
                    JsonObject group = m.getAsJsonObject();
                    if (group.has("family") && group.get("family").getAsString().equals("inet6")) {
                        groups.add(RouteBytesTest.inet(group.get("address").getAsString())
                                .getHostAddress());
                    }
                });
        assertFalse(groups.isEmpty());
        return groups;
    }

    @Test
    void anAddressJoinsItsGroupsAndLeavesThem() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            host.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"); // a router listens to that of all routers
            try (Events<RouteEvent> events = host.call(MembershipTest::listen);
                    RouteNetlink route = host.call(RouteNetlink::open)) {
                int index = route.link("eth0").orElseThrow().index();
                Address address = Address.of(DOOR, 64, index).withFlags(Address.IFA_F_NODAD);
                Heard heard = new Heard(events);
                route.add(address);
                heard.await(e -> is(e, "ff02::1:ff00:42", false)); // solicited-node, RFC 4291, 2.7.1
                heard.await(e -> is(e, "2001:db8::", false));
                route.delete(address);
                heard.await(e -> is(e, "ff02::1:ff00:42", true));
                heard.await(e -> is(e, "2001:db8::", true));
                host.run("ip", "link", "set", "eth0", "down");
                heard.await(e -> is(e, "224.0.0.1", true));
            }
        }
    }

    private static boolean is(RouteEvent e, String address, boolean gone) {
        return e instanceof RouteEvent.MembershipChanged m
                && RouteBytesTest.inet(address).equals(m.membership().address())
                && m.membership().anycast() == address.equals("2001:db8::")
                && m.gone() == gone;
    }

    private static Events<RouteEvent> listen() throws Exception {
        try {
            return RouteEvents.open(
                    RouteEvents.RTNLGRP_IPV4_MCADDR, RouteEvents.RTNLGRP_IPV6_MCADDR, RouteEvents.RTNLGRP_IPV6_ACADDR);
        } catch (NetlinkException e) {
            String release = Files.readString(Path.of("/proc/sys/kernel/osrelease"));
            assertEquals(Errno.EINVAL, e.errno(), release);
            return Assumptions.abort("Linux " + release.strip() + " has no such group; it came with 6.14");
        }
    }
}
