package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** The kernel's table of connections belongs to everybody: a flood at the knock port puts nothing into it. */
final class TrackingIT {
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final int JUNK = 2000;

    private static String configuration(String gate) {
        return "[listen]\ngate = \"" + gate + "\"\n\n" + Layout.ROUTED.ssh("1m", "1h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket", "user"})
    void aFloodFromManySourcesLeavesNothing(String gate, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration(gate))) {
            junk(net, agent, Network.SERVER);
            junk(net, agent, Network.SERVER_IPV4);
            assertEquals(0, tracked(net));
            assertOpens(net, agent);
            assertEquals(0, tracked(net), "nor does a knock");
            assertTrue(agent.done("rules").contains("knocks on IPv6 port 62201 leave nothing in connection tracking"));
        }
    }

    /** As a machine with containers does: one of them may have sent from a port of this host, under its address. */
    @Test
    void whileTheHostForwardsThePacketsAreTracked(@TempDir Path temp) throws Exception {
        String setting = "net.ipv6.conf.all.forwarding=";
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration("auto"))) {
            net.server.run("sysctl", "-qw", setting + 1);
            Until.holds("they are tracked", SOON, () -> !rules(net).contains("meta nfproto ipv6 udp dport"));
            assertTrue(rules(net).contains("meta nfproto ipv4 udp dport"), "the other family");
            agent.assertTold("this host began or ceased to forward packets");
            assertOpens(net, agent);
            assertTrue(tracked(net) > 0);
            assertEquals(1, agent.metric("mayfly_disturbances_forwarding_total"));

            assertEquals(0, agent.stop());
            agent.start();
            assertFalse(rules(net).contains("meta nfproto ipv6 udp dport"), "it is asked for at the start");
            net.server.run("sysctl", "-qw", setting + 0);
            Until.holds("they are not", SOON, () -> rules(net).contains("meta nfproto ipv6 udp dport"));
            assertOpens(net, agent);
        }
    }

    /** What takes effect with a restart leaves the rules as they are until then. */
    @Test
    void aReloadLeavesTheRulesWithTheSockets(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration("auto"))) {
            agent.configure("[listen]\nudp = [\"[::]:62299\"]\n\n" + Layout.ROUTED.ssh("2m", "1h"));
            agent.done("reload");
            assertTrue(rules(net).contains("ipv6 udp dport 62201 counter"), "as before");
            assertFalse(rules(net).contains("62299"));
            assertOpens(net, agent);
        }
    }

    private static String rules(Network net) throws Exception {
        return net.server.run("nft", "-s", "list", "chain", "inet", "mayfly", "knocks");
    }

    private static long tracked(Network net) throws Exception {
        return net.server
                .run("cat", "/proc/net/nf_conntrack")
                .lines()
                .filter(l -> l.contains("dport=62201 "))
                .count();
    }

    private static void assertOpens(Network net, Mayflyd agent) throws Exception {
        Knocker knocker = agent.enrol("client" + System.nanoTime() % 1_000_000, "ssh");
        Ip6Address door = knocker.open(agent, net.client, "ssh");
        assertEquals(Met.IN, Session.attempt(net.client, door, 22));
    }

    /** One packet from each of as many ports. */
    private static void junk(Network net, Mayflyd agent, Ip6Address to) throws Exception {
        long before = agent.metric("mayfly_knocks_refused_gate_total");
        InetSocketAddress knocks = new InetSocketAddress(to.toInetAddress(), 62201);
        for (int i = 0; i < JUNK; i++) {
            Knocker.send(net.client2, null, knocks, List.of(new byte[96]));
        }
        Until.answer(
                "all is refused",
                Mayflyd.PATIENCE,
                () -> agent.metric("mayfly_knocks_refused_gate_total"),
                n -> n == before + JUNK);
    }
}
