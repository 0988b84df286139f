package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/** However the agent ends, what it closed stays closed, and what it opened closes in time. */
final class EndIT {
    private static final int GATED = 22;

    /** What a door that is over may stand at most: two seconds of grace, and one by which the kernel is late. */
    private static final Duration LATE = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource
    void afterKill9EveryPermitAndAddressIsGoneWhenItsTimeIsUp(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("3s", "6s"))) {
            Judge judge = new Judge(net, layout);
            Knocker alice = agent.enrol("alice");
            Ip6Address used = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, used, GATED)) {
                Until.holds("its lease is in session", LATE, () -> agent.metric("mayfly_leases_session") == 1);
                Ip6Address unused = alice.open(agent, net.client, "ssh");
                long knocked = System.nanoTime();
                assertEquals(Met.IN, Session.attempt(net.client, unused, GATED));

                agent.kill9();

                assertTrue(judge.permits(Network.CLIENT, unused));
                session.assertAlive();
                Until.holds("no permit", Duration.ofSeconds(3), () -> {
                    assertNotEquals(Met.IN, attemptQuickly(net, Network.SERVER));
                    return judge.permits().isEmpty();
                });
                assertTrue(System.nanoTime() - knocked < Duration.ofSeconds(4).toNanos());
                assertNotEquals(Met.IN, Session.attempt(net.client, unused, GATED));
                Until.holds("no address", Duration.ofSeconds(6).plus(LATE), () -> {
                    assertNotEquals(Met.IN, attemptQuickly(net, Network.SERVER));
                    return judge.shut();
                });
            }
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GATED));
        }
    }

    /** What the kernel holds an address up for is the law; the minute itself is not waited for. */
    @Test
    void afterKill9TheAddressOfALongSessionGoesWithinAMinuteAndItHangs(@TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("1s", "1h"))) {
            Judge judge = new Judge(net, Layout.ON_LINK);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, GATED)) {
                Until.holds("its lease is in session", LATE, () -> agent.metric("mayfly_leases_session") == 1);

                agent.kill9();

                session.assertAlive();
                long life = judge.lives().getOrDefault(door, 0L);
                assertTrue(life > 0 && life <= 60, () -> life + " s");
                net.server.run("ip", "address", "del", door + "/128", "dev", "eth0");
                session.assertHangs();
                agent.start();
                session.assertAlive();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whereTheServiceSaysSoSessionsEndWithTheLease(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("2s", "cut"))) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, GATED)) {
                session.assertAlive();
                session.assertReset(Duration.ofSeconds(2).plus(LATE));
                assertNotEquals(Met.IN, attemptQuickly(net, door));
            }
        }
    }

    private static Met attemptQuickly(Network net, Ip6Address to) throws Exception {
        return Session.attempt(net.client2, null, to, GATED, Duration.ofMillis(100));
    }

    @ParameterizedTest
    @EnumSource
    void sigtermLeavesTheGuardShutAndTheDoorsToTheirDeadlines(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("3s", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");

            assertEquals(0, agent.stop(), agent::log);

            assertFalse(agent.log().contains("Exception"), agent::log);
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GATED));
            assertEquals(Met.SILENCE, Session.attempt(net.client2, door, GATED));
            Until.holds("its time is up", Duration.ofSeconds(5).plus(LATE), judge::shut);
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GATED));
            if (layout == Layout.ROUTED) {
                assertEquals(Met.SILENCE, Session.attempt(net.client, door, GATED));
            }
        }
    }
}
