package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
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
    private static final int WEB = 8443;
    private static final Duration LEASE = Duration.ofSeconds(4);

    /** By how much a permit may end before or after its time: an hour would be seen, a jiffy is not. */
    private static final Duration LATE = Duration.ofMillis(500);

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
        String services = Layout.ON_LINK.ssh("4s", "1h") + Layout.service("web", WEB, "5m", "1h", "closed");
        try (Network net = new Network(22, WEB);
                Mayflyd agent = agent(net, services)) {
            Judge judge = new Judge(net, Layout.ON_LINK);
            Knocker alice = agent.enrol("alice", "ssh", "web");
            Ip6Address lasting = alice.open(agent, net.client, "web");
            Ip6Address used = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, used, 22)) {
                long knocked = System.nanoTime();
                Ip6Address door = alice.open(agent, net.client, "ssh");
                long opened = System.nanoTime();

                clock.ahead(Duration.ofSeconds(step));

                assertStepped(agent, step);
                assertEndsInTime(judge, door, knocked, opened);
                Until.holds(
                        "its lease is over",
                        Mayflyd.PATIENCE,
                        () -> leases(agent).size() == 2);
                assertEquals(1, agent.metric("mayfly_leases_session"));
                assertNotEquals(Met.IN, Session.attempt(net.client, door, 22));
                session.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, lasting, WEB), "its time is not up");
            }
        }
    }

    /** However long it takes to look, on a busy machine. */
    private static void assertEndsInTime(Judge judge, Ip6Address door, long knocked, long opened) throws Exception {
        while (true) {
            long asked = System.nanoTime();
            if (!judge.permits(Network.CLIENT, door)) {
                assertTrue(System.nanoTime() - knocked > LEASE.minus(LATE).toNanos(), "it ended early");
                return;
            }
            assertTrue(asked - opened < LEASE.plus(LATE).toNanos(), "it is open past its time");
        }
    }

    /** What it does not see happen to the clock is no different. */
    @ParameterizedTest
    @ValueSource(ints = {3600, -3600})
    void aStepWhileTheAgentIsAwayIsNoDifferent(int step) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = agent(net, Layout.ROUTED.ssh("5m", "1h"))) {
            Judge judge = new Judge(net, Layout.ROUTED);
            Knocker alice = agent.enrol("alice");
            long knocked = System.nanoTime();
            Ip6Address door = alice.open(agent, net.client, "ssh");
            long opened = System.nanoTime();
            agent.kill9();
            clock.ahead(Duration.ofSeconds(step));
            agent.start();
            assertStepped(agent, step);
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            long asked = System.nanoTime();
            long left = judge.left(Network.CLIENT, door);
            long answered = System.nanoTime();
            assertTrue(left <= 300 - Duration.ofNanos(asked - opened).toSeconds() + 1, () -> left + " s: too long");
            assertTrue(
                    left >= 300 - Duration.ofNanos(answered - knocked).toSeconds() - 2, () -> left + " s: too short");
        }
    }

    private static JsonArray leases(Mayflyd agent) {
        return agent.ask(AdminCommand.LEASES).getAsJsonArray();
    }

    /** Fails if the process does not go by our clock: nothing would be proved. */
    private static void assertStepped(Mayflyd agent, int step) {
        Instant expires = Instant.parse(
                leases(agent).get(0).getAsJsonObject().get("expires").getAsString());
        long ahead = Duration.between(Instant.now(), expires).toSeconds();
        assertTrue(Math.abs(ahead - step) < 600, () -> "the clock was to be " + step + " s ahead: " + expires);
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

    /** The client's own words to its user, and the agent's to its operator. */
    @Test
    void aClientWhoseClockIsOffIsToldWhatToCheck() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h"))) {
            Path uri = Files.writeString(temp.resolve("uri"), agent.done("client", "add", "alice"));
            Command enrolled = client(net, "enroll", "lab", "--file", uri);
            assertEquals(0, enrolled.status(), enrolled::toString);
            for (int step : new int[] {3600, -3600}) {
                clock.ahead(Duration.ofSeconds(step));
                Command knock = client(net, "knock", "lab", "ssh", "--wait", "1s");
                assertEquals(1, knock.status(), knock::toString);
                assertTrue(knock.err().contains("clocks"), knock::err);
            }
            assertTrue(agent.metric("mayfly_knocks_refused_window_total") >= 2);
            agent.assertTold("knock of client alice refused: window");

            clock.ahead(Duration.ZERO);

            Command knock = client(net, "knock", "lab", "ssh", "--wait", "10s");
            assertEquals(0, knock.status(), knock::toString);
        }
    }

    /** Runs the installed client, by our clock. */
    private Command client(Network net, Object... words) throws Exception {
        Map<String, String> environment = new HashMap<>(clock.environment());
        environment.put("MAYFLY_JAVA_HOME", System.getProperty("java.home"));
        environment.put("MAYFLY_HOME", temp.resolve("profiles").toString());
        return net.client.call(() -> Command.run(environment, Mayflyd.program("mayfly", words)));
    }
}
