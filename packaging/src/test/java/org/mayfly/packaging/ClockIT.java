package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Somebody sets a clock. Doors close when they would have, and not before; who may knock is told by the clocks alone. */
final class ClockIT {
    private static final Duration LEASE = Duration.ofSeconds(4);

    /** A permit whose time is up may be seen this much later, on a busy machine. */
    private static final Duration LATE = Duration.ofSeconds(1);

    @TempDir
    private Path temp;

    private WallClock clock;

    @BeforeEach
    void build() throws Exception {
        clock = new WallClock(temp);
    }

    private Mayflyd agent(Network net, String configuration) throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, configuration);
        agent.environment.putAll(clock.environment());
        agent.start();
        return agent;
    }

    @ParameterizedTest
    @ValueSource(ints = {3600, -3600})
    void aStepOfAnHourNeitherClosesADoorEarlyNorKeepsOneOpen(int step) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = agent(net, Layout.ON_LINK.ssh("4s", "1h"))) {
            Judge judge = new Judge(net, Layout.ON_LINK);
            Knocker alice = agent.enrol("alice");
            Ip6Address used = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, used, 22)) {
                long knocked = System.nanoTime();
                Ip6Address door = alice.open(agent, net.client, "ssh");
                long opened = System.nanoTime();

                clock.ahead(Duration.ofSeconds(step));

                assertStepped(agent, step);
                assertEquals(Met.IN, Session.attempt(net.client, door, 22));
                Until.holds("no permit", LEASE.plus(LATE), () -> !judge.permits(Network.CLIENT, door));
                long closed = System.nanoTime();
                assertTrue(closed - opened > LEASE.minusMillis(100).toNanos(), "too early");
                assertTrue(closed - knocked < LEASE.plus(LATE).toNanos(), "too late");
                Until.holds("and its lease is over", LATE, () -> agent.metric("mayfly_leases_active") == 0);
                assertEquals(1, agent.metric("mayfly_leases_session"));
                assertNotEquals(Met.IN, Session.attempt(net.client, door, 22));
                session.assertAlive();
            }
        }
    }

    /** Away is away: what it does not see happen to the clock is no different. */
    @ParameterizedTest
    @ValueSource(ints = {3600, -3600})
    void aStepWhileTheAgentIsAwayIsNoDifferent(int step) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = agent(net, Layout.ROUTED.ssh("6s", "1h"))) {
            Judge judge = new Judge(net, Layout.ROUTED);
            long knocked = System.nanoTime();
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            agent.kill9();
            clock.ahead(Duration.ofSeconds(step));
            agent.start();
            assertStepped(agent, step);
            assertTrue(judge.permits(Network.CLIENT, door), agent::log);
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            Until.holds("no permit", Duration.ofSeconds(6).plus(LATE), () -> judge.permits()
                    .isEmpty());
            assertTrue(
                    System.nanoTime() - knocked
                            < Duration.ofSeconds(6).plus(LATE).toNanos(),
                    "too late");
        }
    }

    /** Fails if the process does not go by our clock: nothing would be proved. */
    private static void assertStepped(Mayflyd agent, int step) {
        Instant expires = Instant.parse(agent.ask(AdminCommand.LEASES)
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .get("expires")
                .getAsString());
        long ahead = Duration.between(Instant.now(), expires).toSeconds();
        assertTrue(Math.abs(ahead - step) < 60, () -> "the clock was to be " + step + " s ahead: " + expires);
    }

    /** The greatest stamp that was taken stands; the way out is a key that has none. */
    @Test
    void aServerThatWasFarAheadRefusesUntilThereIsANewKey() throws Exception {
        Duration hour = Duration.ofHours(1);
        clock.ahead(hour);
        try (Network net = new Network(22);
                Mayflyd agent = agent(net, Layout.ROUTED.ssh("1m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            alice.send(net.client, alice.packet("ssh", Ip6Address.UNSPECIFIED, hour));
            Until.holds("by that clock it is in time", Mayflyd.PATIENCE, () -> agent.accepted() == 1);

            clock.ahead(Duration.ZERO);

            byte[] packet = alice.packet("ssh");
            alice.send(net.client, packet);
            Until.holds(
                    "it is refused", Mayflyd.PATIENCE, () -> agent.metric("mayfly_knocks_refused_stamp_total") == 1);
            agent.assertTold("knock of client alice refused: stamp");
            assertEquals(Met.SILENCE, Session.attempt(net.client, alice.door(packet), 22));
            Knocker renewed = new Knocker(agent.done("client", "rotate", "alice"));
            assertEquals(Met.IN, Session.attempt(net.client, renewed.open(agent, net.client, "ssh"), 22));
        }
    }
}
