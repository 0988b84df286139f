package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT4;
import static org.mayfly.agent.kernel.TwoHosts.KNOCKS;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.SERVER4;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.conntrack.Conntrack;
import org.mayfly.netlink.conntrack.FlowFilter;
import org.mayfly.netlink.testing.Lab;

/** Packets to the knock port leave nothing in connection tracking, and are heard; those of NAT are left to it. */
final class UntrackedTest {
    private static final int SOON = 5_000;
    private static final int SILENT = 300;
    private static final int OTHER = 62202;

    /** Sends on for {@link #inside}, under its own address. */
    private static final String MASQUERADE = """
            table inet theirs {
              chain post { type nat hook postrouting priority srcnat; oifname "srv0" masquerade; }
            }""";

    private final Set<Disturbance> heard = EnumSet.noneOf(Disturbance.class);
    private TwoHosts net;
    private NetlinkKernel kernel;
    private Lab more;
    private @Nullable KernelWatch watch;

    @BeforeEach
    void build() throws Exception {
        more = new Lab();
        net = new TwoHosts();
        kernel = net.kernel();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (watch != null) {
            watch.close();
        }
        if (net != null) { // the test was skipped
            net.close();
        }
        more.close();
    }

    private static DatagramSocket bound(Lab.Host host, int port) throws Exception {
        return bound(host, Ip6Address.UNSPECIFIED, port);
    }

    private static DatagramSocket bound(Lab.Host host, Ip6Address address, int port) throws Exception {
        return host.call(() -> {
            DatagramSocket s = new DatagramSocket(new InetSocketAddress(address.toInetAddress(), port));
            s.setSoTimeout(SOON);
            return s;
        });
    }

    private static void send(Lab.Host from, Ip6Address to, int port) throws Exception {
        try (DatagramSocket s = bound(from, 0)) {
            send(s, to, port);
        }
    }

    private static void send(DatagramSocket from, Ip6Address to, int port) throws IOException {
        from.send(new DatagramPacket(new byte[96], 96, new InetSocketAddress(to.toInetAddress(), port)));
    }

    private static boolean hears(DatagramSocket s) throws IOException {
        try {
            s.receive(new DatagramPacket(new byte[200], 200));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** To which ports there are connections of UDP. */
    private Set<Integer> tracked() throws Exception {
        return net.server.call(() -> {
            try (Conntrack table = Conntrack.open()) {
                Set<Integer> ports = new TreeSet<>();
                table.flows(FlowFilter.ANY)
                        .forEach(f -> ports.add(f.original().transport().destinationPort()));
                return ports;
            }
        });
    }

    private List<String> untracked() throws Exception {
        return kernel.rules().stream()
                .map(KernelPort.RuleCount::comment)
                .filter(c -> c.endsWith("leave nothing in connection tracking"))
                .map(c -> c.substring("knocks on ".length(), c.indexOf(" leave")))
                .toList();
    }

    @Test
    void aFloodFromManySourcesLeavesNothing() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        try (DatagramSocket knocks = bound(net.server, KNOCKS)) {
            for (int i = 0; i < 200; i++) {
                for (Ip6Address to : List.of(SERVER, SERVER4)) {
                    send(net.client, to, KNOCKS);
                    assertTrue(hears(knocks), "it comes in all the same");
                }
            }
        }
        send(net.client, SERVER, OTHER);
        send(net.client, SERVER4, KNOCKS); // nobody listens: what is sent back belongs to nothing
        assertEquals(Set.of(OTHER), tracked(), "others are tracked");
        assertEquals(List.of("IPv6 port 62201", "IPv4 port 62201"), untracked());
    }

    @Test
    void onThePortOfAnotherAddressSomebodyElseMayListen() throws Exception {
        List<KnockPort> bound = List.of(new KnockPort(SERVER4, KNOCKS), new KnockPort(SERVER, OTHER));
        stand(kernel, guard(DoorMode.ADDRESS).withKnocks(KnockPort.heard(bound)), Standing.NOTHING);
        send(net.client, SERVER4, KNOCKS);
        send(net.client, SERVER, OTHER);
        assertEquals(Set.of(), tracked());
        send(net.client, SERVER, KNOCKS);
        send(net.client, TwoHosts.ROUTED_SERVER, OTHER);
        assertEquals(Set.of(KNOCKS, OTHER), tracked());
        assertEquals(List.of("192.0.2.1 port 62201", SERVER + " port 62202"), untracked());
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp dport 62201", "ct state { new, untracked } udp dport 62201"})
    void aFirewallLetsThemThrough(String match) throws Exception {
        assertTrue(hearsBehind(match));
    }

    /** What docs/operations.md warns of. */
    @Test
    void aFirewallThatAsksForNewConnectionsDoesNot() throws Exception {
        assertFalse(hearsBehind("ct state new udp dport 62201"));
    }

    private boolean hearsBehind(String match) throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        net.server.run("nft", """
                table inet theirs {
                  chain in { type filter hook input priority filter; policy drop;
                    ct state established,related accept
                    ct state invalid drop
                    meta l4proto ipv6-icmp accept
                    %s accept
                  }
                }""".formatted(match));
        try (DatagramSocket knocks = bound(net.server, KNOCKS)) {
            knocks.setSoTimeout(SILENT);
            send(net.client, SERVER, KNOCKS);
            boolean six = hears(knocks);
            send(net.client, SERVER4, KNOCKS);
            assertEquals(six, hears(knocks));
            return six;
        }
    }

    /** A host behind the server, of which the world knows nothing. */
    private Lab.Host inside() throws Exception {
        Lab.Host inside = more.host();
        more.join(inside, "in0", net.server, "srv1");
        inside.address("fd00::2/64", "in0");
        net.server.address("fd00::1/64", "srv1");
        inside.run("ip", "address", "add", "10.0.0.2/24", "dev", "in0");
        net.server.run("ip", "address", "add", "10.0.0.1/24", "dev", "srv1");
        inside.run("ip", "route", "add", "default", "via", "10.0.0.1");
        inside.run("ip", "route", "add", "default", "via", "fd00::1");
        net.server.run("nft", MASQUERADE);
        return inside;
    }

    private static String setting(Ip6Address of) {
        return of.isIpv4() ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
    }

    private Set<Disturbance> heard() throws Exception {
        for (KernelWatch.Source source : Objects.requireNonNull(watch).sources()) {
            while (source.poll(0)) {
                source.read();
            }
        }
        Set<Disturbance> now = heard.isEmpty() ? Set.of() : Set.copyOf(heard);
        heard.clear();
        return now;
    }

    private void watch() throws Exception {
        watch = net.server.call(() -> kernel.watch(door -> false, new KernelWatch.Listener() {
            @Override
            public void disturbed(Disturbance what) {
                heard.add(what);
            }

            @Override
            public void ready(Ip6Address door) {
                // there are none
            }

            @Override
            public void machineChanged() {
                // as it will
            }
        }));
    }

    /** A host behind us sends from the very port on which we hear knocks, and masquerading leaves it as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.3", "2001:db8:1::c"})
    void anAnswerToOneThatIsMasqueradedFindsItsWay(String outside) throws Exception {
        Ip6Address to = Ip6Address.parse(outside);
        Lab.Host inside = inside();
        watch();
        Guard guard = guard(DoorMode.ADDRESS);
        stand(kernel, guard, Standing.NOTHING);
        assertEquals(2, untracked().size());
        net.server.run("sysctl", "-qw", setting(to) + "=1");
        try (DatagramSocket knocks = bound(net.server, KNOCKS);
                DatagramSocket host = bound(inside, KNOCKS);
                DatagramSocket peer = bound(net.client, to, 7777)) {
            host.setSoTimeout(SILENT);
            send(host, to, 7777);
            assertTrue(answered(peer));
            assertFalse(hears(host), "without tracking it is taken for a knock; the judge has eyes");
            assertTrue(hears(knocks));

            assertEquals(Set.of(Disturbance.FORWARDING), heard());
            assertFalse(kernel.stands(), "it is to be put up anew");
            stand(kernel, guard, Standing.NOTHING);
            assertTrue(kernel.stands());
            host.setSoTimeout(SOON);
            send(host, to, 7777);
            assertTrue(answered(peer));
            assertTrue(hears(host));
            send(net.client, to.isIpv4() ? SERVER4 : SERVER, KNOCKS);
            assertTrue(hears(knocks), "knocks are heard all the same");
        }
        assertEquals(List.of(to.isIpv4() ? "IPv6 port 62201" : "IPv4 port 62201"), untracked(), "the other family");

        net.server.run("sysctl", "-qw", setting(to) + "=0");
        assertEquals(Set.of(Disturbance.FORWARDING), heard());
        stand(kernel, guard, Standing.NOTHING);
        assertEquals(2, untracked().size());
    }

    /** Sends back to where it came from. */
    private static boolean answered(DatagramSocket peer) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[200], 200);
        peer.receive(p);
        assertEquals(KNOCKS, p.getPort(), "masquerading leaves the port alone");
        peer.send(p);
        return true;
    }

    /** What comes to the knock port is for somebody behind us, as with a port that a container publishes. */
    @Test
    void whatIsSentElsewhereGetsThere() throws Exception {
        Lab.Host inside = inside();
        net.server.run("sysctl", "-qw", setting(SERVER4) + "=1");
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        net.server.run("nft", """
                table ip more {
                  chain pre { type nat hook prerouting priority dstnat; udp dport 62201 dnat to 10.0.0.2:7777; }
                }""");
        try (DatagramSocket host = bound(inside, 7777)) {
            send(net.client, SERVER4, KNOCKS);
            assertTrue(hears(host));
        }
    }

    @Test
    void otherSettingsAndInterfacesThatComeAndGoChangeNothing() throws Exception {
        watch();
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        heard();
        net.server.run("ip", "link", "add", "a1", "type", "veth", "peer", "name", "a2");
        net.server.run("sysctl", "-qw", "net.ipv4.conf.a1.rp_filter=2", "net.ipv6.conf.a1.forwarding=1");
        net.server.run("ip", "link", "del", "a1");
        assertEquals(Set.of(), heard());
        assertTrue(kernel.stands());
        assertEquals(2, untracked().size());
    }

    /** IPv4 goes by the interface that a packet comes in by. */
    @Test
    void oneInterfaceThatForwardsIsEnough() throws Exception {
        watch();
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        heard();
        net.server.run("ip", "link", "add", "a1", "type", "veth", "peer", "name", "a2");
        net.server.run("sysctl", "-qw", "net.ipv4.conf.a1.forwarding=1");
        assertEquals(Set.of(Disturbance.FORWARDING), heard());
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertEquals(List.of("IPv6 port 62201"), untracked());
        net.server.run("ip", "link", "del", "a1");
        assertEquals(Set.of(Disturbance.FORWARDING), heard());
    }

    /** Which netlink does not tell. */
    @Test
    void forcedForwardingIsSeenAtTheStart() throws Exception {
        String setting = "net.ipv6.conf.srv0.force_forwarding";
        if (net.server.run("sysctl", "-ea").contains(setting)) { // Linux 6.17
            net.server.run("sysctl", "-qw", setting + "=1");
            kernel = net.kernel();
            stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
            assertEquals(List.of("IPv4 port 62201"), untracked());
        }
    }

    @Test
    void whatSocketsHear() {
        Ip6Address any = Ip6Address.UNSPECIFIED;
        Ip6Address any4 = Ip6Address.parse("0.0.0.0");
        List<KnockPort> bound = new ArrayList<>(List.of(
                new KnockPort(any4, 1),
                new KnockPort(any, 1),
                new KnockPort(any4, 2),
                new KnockPort(CLIENT, 3),
                new KnockPort(CLIENT4, 3)));
        for (String loopback : List.of("::1", "127.0.0.1", "127.1.2.3")) {
            bound.add(new KnockPort(Ip6Address.parse(loopback), 4));
        }
        assertEquals(
                List.of(
                        new KnockPort(any4, 1),
                        new KnockPort(any, 1),
                        new KnockPort(any4, 2),
                        new KnockPort(CLIENT, 3),
                        new KnockPort(CLIENT4, 3)),
                KnockPort.heard(bound));
        assertEquals(
                List.of(new KnockPort(any, 1), new KnockPort(any4, 1)),
                KnockPort.heard(List.of(new KnockPort(any, 1))));
    }
}
