package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Others think that the machine is theirs: what they take away is there again within a second, and sessions go on. */
final class InterferenceIT {
    private static final Duration SOON = Duration.ofSeconds(3);

    @ParameterizedTest
    @EnumSource
    void nobodyFlushesTheTable(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                net.server.run("nft", "flush", "ruleset");
                net.server.run("sh", "-c", "! nft delete table inet mayfly 2>/dev/null");
                net.server.run("sh", "-c", "! nft add rule inet mayfly guard accept 2>/dev/null");
                assertNotEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, 22));
                assertTrue(judge.permits(Network.CLIENT, door));
                session.assertAlive();
                agent.kill9();
                assertNotEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, 22), "nor when nobody owns it");
                // While nobody owns it anybody can write into it; nothing of that is believed.
                net.server.run("nft", "insert", "rule", "inet", "mayfly", "guard", "accept");
                assertEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, 22));
                agent.start();
                assertNotEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, 22));
                session.assertAlive();
            }
        }
    }

    /** Before Linux 6.9 no table has an owner that it outlives. */
    @ParameterizedTest
    @EnumSource
    void aTableWithoutAnOwnerIsPutBack(Layout layout, @TempDir Path temp) throws Exception {
        String configuration = layout.ssh("1m", "1h") + "[kernel]\nowner = \"nobody\"\n\n";
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                for (int i = 0; i < 5; i++) {
                    net.server.run("nft", "flush", "ruleset");
                    Until.holds(
                            "it is back",
                            SOON,
                            () -> net.server.run("nft", "list", "tables").contains("mayfly")
                                    && judge.permits(Network.CLIENT, door));
                    session.assertAlive();
                }
                assertNotEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, 22));
                assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            }
            agent.assertTold("somebody changed our nftables table; putting it back");
            assertEquals(5, agent.metric("mayfly_disturbances_table_total"));
        }
    }

    @Test
    void anAddressIsPutBack(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, Layout.ON_LINK);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                for (int i = 0; i < 5; i++) {
                    net.server.run("ip", "address", "del", door + "/128", "dev", "eth0");
                    Until.holds("its address is back", SOON, () -> judge.doors().contains(door));
                    session.assertAlive();
                }
                assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            }
            agent.assertTold("somebody took away the address of a door; putting it back");
            assertEquals(5, agent.metric("mayfly_disturbances_address_total"));
        }
    }

    @Test
    void theRouteIsPutBack(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, Layout.ROUTED);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                for (int i = 0; i < 5; i++) {
                    net.server.run(
                            "ip", "-6", "route", "del", "local", "2001:db8:d::/64", "dev", "lo", "table", "local");
                    Until.holds("its route is back", SOON, () -> !judge.localRoutes()
                            .isEmpty());
                    session.assertAlive();
                }
            }
            agent.assertTold("somebody took away a route of ours; putting it back");
            assertEquals(5, agent.metric("mayfly_disturbances_route_total"));
            assertEquals(0, agent.metric("mayfly_disturbances_table_total"), "nothing that we do ourselves");
        }
    }

    @ParameterizedTest
    @EnumSource
    void theInterfaceGoesDownAndUp(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("5m", "1h"))) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                net.server.run("ip", "link", "set", "eth0", "down");
                net.putBackServer();
                Until.holds(
                        "new connections get in",
                        Duration.ofSeconds(5),
                        () -> Session.attempt(net.client, door, 22) == Met.IN);
                session.assertAlive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theInterfaceIsMadeAnew(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("5m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                net.newCable();
                Until.answer("in", Mayflyd.PATIENCE, () -> Session.attempt(net.client, door, 22), Met.IN::equals);
                session.assertAlive();
            }
            Ip6Address next = alice.open(agent, net.client, "ssh");
            assertEquals(Met.IN, Session.attempt(net.client, next, 22), "a door from after it");
            if (layout == Layout.ON_LINK) {
                agent.assertTold("the interface of the doors changed; putting back what went with it");
            }
        }
    }

    /** While it is up, as udev does it: nothing goes away by that. */
    @Test
    void theInterfaceIsRenamed(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("5m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                net.server.run("ip", "link", "set", "eth0", "name", "lan0");
                session.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            }
            Until.holds("it is noticed", SOON, () -> agent.metric("mayfly_disturbances_interface_total") == 1);
            agent.assertTold("the interface of the doors changed; putting back what went with it");
            Ip6Address next = alice.open(agent, net.client, "ssh");
            assertEquals(Met.IN, Session.attempt(net.client, next, 22), "a door from after it");
        }
    }
}
