package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** What is revoked is over at once: the session, the permit, the address; and what is not goes on. */
final class RevokeIT {
    private static final Duration SOON = Duration.ofSeconds(1);

    @ParameterizedTest
    @EnumSource
    void everyWayToRevokeEndsWhatItNames(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Knocker alice = agent.enrol("alice");
            Knocker bob = agent.enrol("bob");

            Ip6Address kept = bob.open(agent, net.client2, "ssh");
            try (Session other = Session.open(net.client2, kept, 22)) {
                revoked(net, agent, judge, alice, door -> List.of("revoke", lease(agent, door)));
                revoked(net, agent, judge, alice, door -> List.of("revoke", "alice"));
                revoked(net, agent, judge, alice, door -> List.of("client", "remove", "alice"));
                other.assertAlive();
                assertTrue(judge.permits(Network.CLIENT2, kept));
                refusesWhoIsGone(net, agent, alice);

                assertEquals(0, agent.ctl("revoke", "--all").status());
                other.assertReset(SOON);
            }
            Until.holds("nothing is left", SOON, judge::shut);
            assertEquals("[]", agent.done("--json", "leases").strip());
        }
    }

    /** Without --revoke the key before goes on; with it, all keys before end, and what they opened. */
    @ParameterizedTest
    @EnumSource
    void aRotationEndsTheKeysBeforeIfItIsToRevoke(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Knocker first = agent.enrol("alice");
            Knocker bob = agent.enrol("bob");
            Ip6Address door = first.open(agent, net.client, "ssh");
            try (Session old = Session.open(net.client, door, 22);
                    Session other = Session.open(net.client2, bob.open(agent, net.client2, "ssh"), 22)) {
                Knocker second = new Knocker(agent.done("client", "rotate", "alice"));
                old.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, first.open(agent, net.client, "ssh"), 22));
                try (Session newer = Session.open(net.client, second.open(agent, net.client, "ssh"), 22)) {
                    Knocker third = new Knocker(agent.done("client", "rotate", "alice", "--revoke"));
                    old.assertReset(SOON);
                    newer.assertReset(SOON);
                    assertFalse(judge.permits(Network.CLIENT, door));
                    assertFalse(judge.doors().contains(door));
                    refusesWhoIsGone(net, agent, first);
                    refusesWhoIsGone(net, agent, second);
                    other.assertAlive();
                    assertEquals(Met.IN, Session.attempt(net.client, third.open(agent, net.client, "ssh"), 22));
                    agent.kill9();
                    agent.start();
                    refusesWhoIsGone(net, agent, first);
                    assertEquals(Met.IN, Session.attempt(net.client, third.open(agent, net.client, "ssh"), 22));
                }
            }
        }
    }

    private interface Words {
        List<String> of(Ip6Address door) throws Exception;
    }

    private static void revoked(Network net, Mayflyd agent, Judge judge, Knocker knocker, Words words)
            throws Exception {
        Ip6Address door = knocker.open(agent, net.client, "ssh");
        try (Session session = Session.open(net.client, door, 22)) {
            session.assertAlive();
            List<String> command = words.of(door);
            Command done = agent.ctl(command.toArray());
            assertEquals(0, done.status(), () -> command + ": " + done);
            session.assertReset(SOON);
            assertFalse(judge.permits(Network.CLIENT, door), command::toString);
            assertFalse(judge.doors().contains(door), command::toString);
            assertFalse(Session.attempt(net.client, door, 22) == Met.IN, command::toString);
        }
    }

    private static String lease(Mayflyd agent, Ip6Address door) throws Exception {
        JsonArray leases =
                JsonParser.parseString(agent.done("leases", "--json")).getAsJsonArray();
        for (int i = 0; i < leases.size(); i++) {
            JsonObject lease = leases.get(i).getAsJsonObject();
            if (lease.get("door").getAsString().equals(door.toString())) {
                assertEquals("active", lease.get("state").getAsString());
                assertEquals(1, lease.get("sessions").getAsInt());
                return lease.get("id").getAsString();
            }
        }
        throw new AssertionError("no lease of " + door + " in " + leases);
    }

    private static void refusesWhoIsGone(Network net, Mayflyd agent, Knocker gone) throws Exception {
        long before = agent.metric("mayfly_knocks_refused_key_total");
        gone.send(net.client, gone.packet("ssh"));
        Until.holds(
                "its key is unknown now",
                Mayflyd.PATIENCE,
                () -> agent.metric("mayfly_knocks_refused_key_total") == before + 1);
    }
}
