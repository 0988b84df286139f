package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Who wants more than there is for him gets no more; that is counted and told, and others do not feel it. */
final class QuotaIT {
    private static final int KNOCKS = 20;
    private static final Duration SOON = Duration.ofSeconds(3);

    @TempDir
    private Path temp;

    private Network net;

    @BeforeEach
    void up() throws Exception {
        net = new Network(22);
    }

    @AfterEach
    void down() {
        net.close();
    }

    private Mayflyd agent(String limits) throws Exception {
        return Mayflyd.start(net.server, temp, limits + Layout.ROUTED.ssh("5m", "1h"));
    }

    private static long refused(Mayflyd agent, String why) {
        return agent.metric("mayfly_knocks_refused_" + why + "_total");
    }

    /** Knocks, and is refused for that reason; the door is none. */
    private void refused(Mayflyd agent, Knocker knocker, String why) throws Exception {
        long before = refused(agent, why);
        byte[] packet = knocker.packet("ssh");
        knocker.send(net.client, packet);
        Until.holds("it is refused: " + why, Mayflyd.PATIENCE, () -> refused(agent, why) == before + 1);
        assertEquals(Met.SILENCE, Session.attempt(net.client, knocker.door(packet), 22));
    }

    @Test
    void whoKnocksTooOftenHasToWait() throws Exception {
        try (Mayflyd agent = agent("[quota]\nrate = 2\n\n")) {
            Knocker alice = agent.enrol("alice");
            Knocker bob = agent.enrol("bob");
            List<byte[]> burst = new ArrayList<>();
            for (int i = 0; i < KNOCKS; i++) {
                burst.add(alice.packet("ssh"));
            }
            Knocker.send(net.client, null, alice.listener(), burst);
            Until.holds("all are judged", Mayflyd.PATIENCE, () -> agent.packets() == KNOCKS);
            long in = agent.accepted();
            assertTrue(in >= 2 && in < KNOCKS / 2, () -> in + " accepted");
            assertEquals(KNOCKS - in, refused(agent, "rate"));
            agent.assertTold("knock of client alice refused: rate");
            Met last = Session.attempt(net.client, alice.door(burst.get(KNOCKS - 1)), 22);
            assertEquals(Met.SILENCE, last);
            assertEquals(Met.IN, Session.attempt(net.client, bob.open(agent, net.client, "ssh"), 22), "not bob's");
            // What it took to find that out was longer than the second after which there is another one.
            assertEquals(Met.IN, Session.attempt(net.client, alice.open(agent, net.client, "ssh"), 22));
        }
    }

    @Test
    void theOldestLeaseThatNobodyUsesMakesRoom() throws Exception {
        try (Mayflyd agent = agent("[quota]\nleases = 2\n\n")) {
            Knocker alice = agent.enrol("alice");
            Ip6Address used = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, used, 22)) {
                Ip6Address unused = alice.open(agent, net.client, "ssh");
                assertEquals(Met.IN, Session.attempt(net.client, unused, 22));
                Until.holds("that one is closed again", SOON, () -> idle(unused));

                Ip6Address next = alice.open(agent, net.client, "ssh");

                assertEquals(Met.SILENCE, Session.attempt(net.client, unused, 22), "it made room");
                agent.assertTold("ended: replaced");
                try (Session second = Session.open(net.client, next, 22)) {
                    refused(agent, alice, "leases");
                    agent.assertTold("knock of client alice refused: leases");
                    session.assertAlive();
                    second.assertAlive();
                }
                Ip6Address bobs = agent.enrol("bob").open(agent, net.client2, "ssh");
                assertEquals(Met.IN, Session.attempt(net.client2, bobs, 22), "not bob's");
            }
        }
    }

    private boolean idle(Ip6Address door) throws Exception {
        return net.server
                .run("ss", "-Htn", "state", "established", "src", "[" + door + "]")
                .isBlank();
    }

    @Test
    void orTheKnockIsRefused() throws Exception {
        try (Mayflyd agent = agent("[quota]\nleases = 1\nfull = \"refuse\"\n\n")) {
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            refused(agent, alice, "leases");
            refused(agent, alice, "leases");
            agent.assertTold("knock of client alice refused: leases");
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
        }
    }

    @Test
    void thereAreOnlySoManyDoors() throws Exception {
        String limited = Layout.ROUTED.ssh("5m", "1h").replace("[door]\n", "[door]\nlimit = 1\n");
        try (Mayflyd agent = Mayflyd.start(net.server, temp, limited)) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            refused(agent, agent.enrol("bob"), "doors");
            agent.assertTold("knock of client bob refused: doors");
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
        }
    }
}
