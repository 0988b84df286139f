package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** The agent is stopped, or killed, and started again: who was in stays in, and is still the agent's to revoke. */
final class RestartIT {
    private static final Duration SOON = Duration.ofSeconds(1);

    @ParameterizedTest
    @EnumSource
    void leasesAndSessionsGoOn(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                JsonObject before = lease(agent);
                agent.kill9();
                agent.start();
                same(before, lease(agent));
                session.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, door, 22), "its window goes on");
                assertEquals(0, agent.stop());
                session.assertAlive();
                agent.start();
                same(before, lease(agent));
                assertTrue(judge.permits(Network.CLIENT, door));
                assertTrue(agent.log().contains("1 leases from before go on"), agent::log);

                agent.done("revoke", before.get("id").getAsString());
                session.assertReset(SOON);
                assertFalse(judge.permits(Network.CLIENT, door));
                agent.kill9();
                agent.start();
                assertEquals(0, leases(agent).size());
            }
            Until.holds("nothing is left", SOON, judge::shut);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientRemovedMeanwhileIsCutOff(Layout layout, @TempDir Path temp) throws Exception {
        isCutOff(layout, temp, agent -> Files.delete(agent.clients().resolve("alice.json")));
    }

    @ParameterizedTest
    @EnumSource
    void whoUsesAServiceRemovedMeanwhileIsCutOff(Layout layout, @TempDir Path temp) throws Exception {
        String other = layout.door() + Layout.service("web", 8443, "1m", "1h", "closed");
        isCutOff(layout, temp, agent -> agent.configure(other));
    }

    private interface Change {
        void at(Mayflyd agent) throws Exception;
    }

    private static void isCutOff(Layout layout, Path temp, Change meanwhile) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                agent.kill9();
                meanwhile.at(agent);
                agent.start();
                session.assertReset(SOON);
            }
            assertEquals(0, leases(agent).size());
            Until.holds("nothing is left", SOON, judge::shut);
        }
    }

    /** What is written down is damaged: doors close, sessions that nobody accounts for are cut, and it says so. */
    @ParameterizedTest
    @EnumSource
    void withoutWhatWasWrittenDownDoorsAreClosed(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                agent.kill9();
                byte[] file = Files.readAllBytes(agent.state().resolve("leases"));
                file[file.length - 60] ^= 1;
                Files.write(agent.state().resolve("leases"), file);
                agent.start();
                session.assertReset(SOON);
            }
            assertTrue(agent.log().contains("1 leases could not be read again: their doors are closed"), agent::log);
            assertFalse(judge.permits(Network.CLIENT, door));
            Until.holds("nothing is left", SOON, judge::shut);
            assertEquals(Met.IN, Session.attempt(net.client, alice.open(agent, net.client, "ssh"), 22), "a new knock");
        }
    }

    /** Times on the wall are worked out anew from the monotonic clock: a moment apart. */
    private static void same(JsonObject before, JsonObject after) {
        for (String name : new String[] {"id", "client", "service", "door", "port", "source", "state"}) {
            assertEquals(before.get(name), after.get(name), name);
        }
        for (String name : new String[] {"opened", "expires"}) {
            Instant was = Instant.parse(before.get(name).getAsString());
            Instant is = Instant.parse(after.get(name).getAsString());
            assertTrue(Duration.between(was, is).abs().toMillis() < 100, name + ": " + was + ", " + is);
        }
    }

    private static JsonArray leases(Mayflyd agent) {
        return agent.ask(AdminCommand.LEASES).getAsJsonArray();
    }

    private static JsonObject lease(Mayflyd agent) {
        JsonArray all = leases(agent);
        assertEquals(1, all.size(), all::toString);
        return all.get(0).getAsJsonObject();
    }
}
