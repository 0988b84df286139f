package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** On the real kernel, judged by ip. */
final class RouteNetlinkTest {
    private static final int OURS = 0x4d;

    private final Lab lab = new Lab();
    private Lab.Host host;
    private RouteNetlink route;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        Lab.Host peer = lab.host();
        lab.join(host, "eth0", peer, "eth0");
        route = host.call(RouteNetlink::open);
    }

    @AfterEach
    void close() {
        route.close();
        lab.close();
    }

    @Test
    void anAddressIsThereAsAskedAndReadsBackAsItIs() throws Exception {
        int index = route.link("eth0").orElseThrow().index();
        InetAddress door = InetAddress.getByName("2001:db8:1:2::abcd");
        int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
        Address asked = new Address(door, 128, flags, Address.SCOPE_UNIVERSE, index, 0, 30, OURS);
        route.add(asked);

        String shown = host.run("ip", "-6", "addr", "show", "dev", "eth0");
        assertTrue(
                shown.contains("inet6 2001:db8:1:2::abcd/128 scope global nodad deprecated dynamic noprefixroute"),
                shown);
        assertTrue(shown.contains("valid_lft 30sec preferred_lft 0sec"), shown);

        Address read = route.addresses().stream()
                .filter(a -> a.address().equals(door))
                .findFirst()
                .orElseThrow();
        assertEquals(OURS, read.protocol());
        assertEquals(flags | Address.IFA_F_DEPRECATED, read.flags());
        assertEquals(30, read.validSeconds());
        assertEquals(0, read.preferredSeconds());
        assertEquals(index, read.index());

        NetlinkException twice = assertThrows(NetlinkException.class, () -> route.add(asked));
        assertEquals(Errno.EEXIST, twice.errno());
        assertTrue(twice.toString().contains("RTM_NEWADDR: EEXIST, "), twice::toString);

        route.replace(new Address(door, 128, flags, Address.SCOPE_UNIVERSE, index, 0, 300, OURS));
        assertTrue(host.run("ip", "-6", "addr").contains("valid_lft 300sec"));

        route.delete(asked);
        assertFalse(host.run("ip", "-6", "addr").contains("abcd"));
        NetlinkException gone = assertThrows(NetlinkException.class, () -> route.delete(asked));
        assertEquals(Errno.EADDRNOTAVAIL, gone.errno());
    }

    @Test
    void aLocalRouteMakesAWholePrefixOurs() throws Exception {
        int lo = route.link("lo").orElseThrow().index();
        Route anyip = new Route(
                InetAddress.getByName("2001:db8:5::"), 64, Route.RTN_LOCAL, Route.RT_TABLE_LOCAL, OURS, lo, null, 0);
        route.replace(anyip);
        route.replace(anyip); // a second time is no error
        String shown = host.run("ip", "-6", "route", "show", "table", "local");
        assertTrue(shown.contains("local 2001:db8:5::/64 dev lo proto 77"), shown);
        assertTrue(route.routes().stream()
                .anyMatch(r -> r.type() == Route.RTN_LOCAL && r.protocol() == OURS && r.length() == 64));
        route.delete(anyip);
        assertFalse(host.run("ip", "-6", "route", "show", "table", "local").contains("2001:db8:5::"));
    }

    @Test
    void whatIpDidIsRead() throws Exception {
        host.address("2001:db8:7::1/64", "eth0");
        host.run("ip", "addr", "add", "192.0.2.1/24", "dev", "eth0");
        host.run("ip", "-6", "route", "add", "default", "via", "2001:db8:7::ff", "dev", "eth0", "metric", "77");
        int index = route.link("eth0").orElseThrow().index();
        List<String> addresses = route.addresses().stream()
                .filter(a -> a.index() == index && a.scope() == Address.SCOPE_UNIVERSE)
                .map(a -> a.address().getHostAddress() + "/" + a.prefixLength())
                .toList();
        assertEquals(List.of("192.0.2.1/24", "2001:db8:7:0:0:0:0:1/64"), addresses);
        Route standard = route.routes().stream()
                .filter(r -> r.destination() == null && r.table() == Route.RT_TABLE_MAIN)
                .findFirst()
                .orElseThrow();
        assertEquals(77, standard.priority());
        assertEquals(InetAddress.getByName("2001:db8:7::ff"), standard.gateway());
        assertEquals(index, standard.index());
    }

    @Test
    void aLinkThatIsNotThereIsNoError() throws Exception {
        assertTrue(route.link("nowhere").isEmpty());
        assertTrue(route.link("a-name-that-is-too-long-for-any").isEmpty());
        assertEquals("veth", route.link("eth0").orElseThrow().kind().name());
        assertEquals(2, route.links().size());
    }

    @Test
    void aLinkGoesUp() throws Exception {
        host.run("ip", "link", "set", "eth0", "down");
        assertFalse(route.link("eth0").orElseThrow().isUp());
        route.up(route.link("eth0").orElseThrow());
        assertTrue(host.run("ip", "link", "show", "eth0").contains(",UP"));
    }

    @Test
    void aBigDumpArrivesWhole() throws Exception {
        int lo = route.link("lo").orElseThrow().index();
        for (int i = 1; i <= 3000; i++) {
            byte[] a = InetAddress.getByName("2001:db8:9::").getAddress();
            a[14] = (byte) (i >> 8);
            a[15] = (byte) i;
            route.add(new Address(InetAddress.getByAddress(a), 128, Address.IFA_F_NODAD, 0, lo, 0, 600, OURS));
        }
        assertEquals(
                3000,
                route.addresses().stream().filter(a -> a.protocol() == OURS).count());
    }
}
