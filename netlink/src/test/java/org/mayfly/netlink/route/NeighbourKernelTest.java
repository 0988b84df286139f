package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** Neighbours on the real kernel, judged by ip. */
final class NeighbourKernelTest {
    private static final LinkLayerAddress ONE = LinkLayerAddress.parse("02:00:00:00:00:01");

    private final Lab lab = new Lab();
    private Lab.Host host;
    private RouteNetlink route;
    private Link eth0;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        lab.join(host, "eth0", lab.host(), "eth0");
        route = host.call(RouteNetlink::open);
        eth0 = route.link("eth0").orElseThrow();
        deleteProxies();
    }

    @AfterEach
    void close() throws Exception {
        deleteProxies();
        route.close();
        lab.close();
    }

    /**
     * A proxy entry of no interface outlives its namespace, in {@code phash_buckets} of {@code net/core/neighbour.c}, and
     * turns up in the next one that is given the same memory.
     */
    private void deleteProxies() throws Exception {
        for (Neighbour proxy : route.neighbours(NeighbourFilter.PROXIES)) {
            route.delete(proxy);
        }
    }

    @Test
    void anEntryIsThereAsAskedChangesAndGoes() throws Exception {
        Neighbour six = Neighbour.permanent(eth0.index(), inet("2001:db8::9"), ONE);
        Neighbour four = Neighbour.permanent(eth0.index(), inet("192.0.2.9"), ONE);
        route.add(six);
        route.add(four.withState(Neighbour.NUD_REACHABLE)
                .withFlags(Neighbour.NTF_EXT_LEARNED, 0)
                .withProtocol(77));
        assertEquals("2001:db8::9 dev eth0 lladdr 02:00:00:00:00:01 PERMANENT ", shown("2001:db8::9"));
        assertEquals(
                "192.0.2.9 dev eth0 lladdr 02:00:00:00:00:01 extern_learn REACHABLE proto 77 ", shown("192.0.2.9"));
        assertEquals(Errno.EEXIST, errno(() -> route.add(six)));
        route.replace(six.withState(Neighbour.NUD_STALE).withFlags(Neighbour.NTF_ROUTER, 0));
        assertEquals("2001:db8::9 dev eth0 lladdr 02:00:00:00:00:01 router STALE ", shown("2001:db8::9"));
        route.delete(six);
        route.delete(four);
        assertEquals("", shown("2001:db8::9"));
        assertEquals("", shown("192.0.2.9"));
        assertEquals(Errno.ENOENT, errno(() -> route.delete(six)));
    }

    @Test
    void weAnswerForOthers() throws Exception {
        route.add(Neighbour.proxy(eth0.index(), inet("2001:db8::5")).withProtocol(77));
        route.add(Neighbour.proxy(0, inet("192.0.2.6")));
        route.add(Neighbour.proxy(0, inet("192.0.2.6"))); // a second time is no error
        assertEquals(
                List.of("192.0.2.6 proxy ", "2001:db8::5 dev eth0 proxy proto 77 "),
                lines("ip", "neigh", "show", "proxy"));
        Neighbour key = Neighbour.proxy(eth0.index(), inet("2001:db8::5"));
        assertEquals(77, route.neighbour(key).orElseThrow().protocol());
        assertTrue(route.neighbours().stream().noneMatch(Neighbour::isProxy));
        assertEquals(2, route.neighbours(NeighbourFilter.PROXIES).size());
        assertEquals(
                1,
                route.neighbours(new NeighbourFilter(Route.AF_INET, 0, 0, true)).size());
        assertEquals(
                List.of(inet("2001:db8::5")),
                route.neighbours(new NeighbourFilter(0, eth0.index(), 0, true)).stream()
                        .map(Neighbour::destination)
                        .toList());
        route.delete(key);
        route.delete(Neighbour.proxy(0, inet("192.0.2.6")));
        assertEquals(List.of(), lines("ip", "neigh", "show", "proxy"));
        assertTrue(route.neighbour(key).isEmpty());
        assertEquals(Errno.ENOENT, errno(() -> route.delete(key)));
    }

    @Test
    void whatIpMadeIsReadAndWrittenBack() throws Exception {
        List<String> made = List.of(
                "2001:db8::1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent",
                "2001:db8::2 lladdr 02:00:00:00:00:02 dev eth0 nud stale router proto 77",
                "2001:db8::3 lladdr 02:00:00:00:00:03 dev eth0 nud noarp",
                "192.0.2.4 lladdr 02:00:00:00:00:04 dev eth0 nud permanent extern_learn",
                "192.0.2.5 lladdr 02:00:00:00:00:05 dev eth0 nud permanent managed",
                "proxy 2001:db8::6 dev eth0 proto 77",
                "proxy 192.0.2.7");
        for (String one : made) {
            host.run(("ip neigh add " + one).split(" "));
        }
        List<String> before = everything();
        assertEquals(7, before.size(), before::toString);
        List<Neighbour> read = new ArrayList<>(route.neighbours(NeighbourFilter.PROXIES));
        route.neighbours().stream().filter(n -> n.type() == 1).forEach(read::add); // no multicast of the kernel's own
        assertEquals(7, read.size(), read::toString);
        for (Neighbour n : read) {
            assertEquals(n.lladdr(), route.neighbour(n).orElseThrow().lladdr());
            route.delete(n);
        }
        assertEquals(List.of(), everything());
        for (Neighbour n : read) {
            route.add(n);
        }
        assertEquals(before, everything());
    }

    @Test
    void theKernelChooses() throws Exception {
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        host.run("ip", "link", "set", "v0", "master", "br0", "up");
        host.run("ip", "neigh", "add", "192.0.2.1", "lladdr", "02:00:00:00:00:01", "dev", "eth0");
        host.run("ip", "neigh", "add", "2001:db8::2", "lladdr", "02:00:00:00:00:02", "dev", "eth0");
        host.run("ip", "neigh", "add", "192.0.2.3", "lladdr", "02:00:00:00:00:03", "dev", "v0");
        assertEquals(List.of("192.0.2.1", "192.0.2.3", "2001:db8:0:0:0:0:0:2"), chosen(NeighbourFilter.ALL));
        assertEquals(List.of("192.0.2.1", "2001:db8:0:0:0:0:0:2"), chosen(NeighbourFilter.on(eth0)));
        assertEquals(
                List.of("2001:db8:0:0:0:0:0:2"), chosen(new NeighbourFilter(Route.AF_INET6, eth0.index(), 0, false)));
        int br0 = route.link("br0").orElseThrow().index();
        assertEquals(List.of("192.0.2.3"), chosen(new NeighbourFilter(0, 0, br0, false)));
    }

    private List<String> chosen(NeighbourFilter filter) throws Exception {
        return route.neighbours(filter).stream()
                .filter(n -> n.state() == Neighbour.NUD_PERMANENT)
                .map(n -> n.destination() == null ? "" : n.destination().getHostAddress())
                .sorted()
                .toList();
    }

    @Test
    void whatIsRefusedSaysWhy() throws Exception {
        Neighbour odd = Neighbour.permanent(eth0.index(), inet("192.0.2.9"), LinkLayerAddress.parse("02:00"));
        NetlinkException e = assertThrows(NetlinkException.class, () -> route.add(odd));
        assertEquals("RTM_NEWNEIGH: EINVAL, Invalid link address", e.getMessage());
        assertEquals(Errno.ENODEV, errno(() -> route.add(Neighbour.permanent(4711, inet("192.0.2.9"), ONE))));
        assertTrue(route.neighbour(Neighbour.permanent(eth0.index(), inet("192.0.2.99"), ONE))
                .isEmpty());
    }

    private String shown(String address) throws Exception {
        return String.join(
                "\n",
                everything().stream().filter(l -> l.startsWith(address + " ")).toList());
    }

    private List<String> everything() throws Exception {
        List<String> all = new ArrayList<>(lines("ip", "neigh", "show"));
        all.addAll(lines("ip", "neigh", "show", "nud", "noarp"));
        all.addAll(lines("ip", "neigh", "show", "proxy"));
        all.removeIf(l -> l.startsWith("ff02:") || l.startsWith("224."));
        return all.stream().sorted().distinct().toList();
    }

    private List<String> lines(String... command) throws Exception {
        return host.run(command).lines().toList();
    }

    private static int errno(Executable e) {
        return assertThrows(NetlinkException.class, e).errno();
    }

    private static InetAddress inet(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }
}
