package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** The state directory is on a disk that is full, or read-only: nothing is open, and the agent does what it can. */
final class DiskIT {
    private static final String SSH = Layout.ON_LINK.ssh("1m", "1h");
    private static final String NO_MARKS = "replay marks cannot be kept, and without them nothing is let in: ";
    private static final String REFUSED = "mayfly_knocks_refused_not_ready_total";
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path temp;

    private Network net;
    private Disk disk;
    private Mayflyd agent;

    @BeforeEach
    void up() throws Exception {
        net = new Network(22);
        agent = new Mayflyd(net.server, temp, SSH);
        disk = new Disk(agent.state());
        agent.within(disk);
    }

    @AfterEach
    void down() throws Exception {
        agent.close();
        disk.close();
        net.close();
    }

    @Test
    void fullAtTheFirstStart() throws Exception {
        disk.fill();
        Command start = agent.failingStart();
        assertEquals(5, start.status(), start::toString);
        List<String> lines =
                start.err().lines().filter(l -> !l.contains("doors are in")).toList();
        assertEquals(1, lines.size(), start::err);
        assertTrue(lines.get(0).contains("the server's identity cannot be made"), start::err);
        assertShut();
        disk.makeRoom();
        agent.start();
        assertIn(agent.enrol("alice").open(agent, net.client, "ssh"));
    }

    @Test
    void fullAtAStart() throws Exception {
        agent.configure(SSH + "[knock]\nwindow = \"3s\"\n");
        agent.start();
        Knocker alice = agent.enrol("alice");
        assertEquals(0, agent.stop());
        disk.run("rm \"$0/marks\" \"$0/leases\"");
        disk.fill();

        agent.start();

        String marks = NO_MARKS + agent.state().resolve("marks") + ": No space left on device; ";
        String leases =
                "leases cannot be written down: " + agent.state().resolve("leases") + ": No space left on device; ";
        for (String told : List.of(agent.log(), agent.done("status"))) {
            assertTrue(told.contains(marks), told);
            assertTrue(told.contains(leases), told);
        }
        assertRefused(alice);
        assertShut();
        assertIn(permit());
        disk.makeRoom();
        agent.done("reload");
        assertEquals(0, agent.status().getAsJsonArray("warnings").size(), () -> agent.status()
                .toString());
        Until.holds("the wait is over", SOON, this::isReady);
        assertIn(alice.open(agent, net.client, "ssh"));
        agent.kill9();
        agent.start();
        assertEquals(2, agent.ask(AdminCommand.LEASES).getAsJsonArray().size(), "those from before there was room too");
    }

    @Test
    void fullWhileItRuns() throws Exception {
        agent.start();
        Knocker alice = agent.enrol("alice");
        disk.fill();
        Ip6Address door = alice.open(agent, net.client, "ssh");
        byte[] packet = alice.packet("ssh");
        try (Session session = Session.open(net.client, door, 22)) {
            agent.kill9();
            agent.start();
            session.assertAlive();
        }
        long before = agent.accepted();
        alice.send(net.client, packet);
        Until.holds("a knock is taken", SOON, () -> agent.accepted() == before + 1);
        agent.kill9();
        agent.start();
        alice.send(net.client, packet);
        Until.holds("but once", SOON, () -> agent.packets() == 1);
        assertEquals(0, agent.accepted());
        assertShut();
    }

    @Test
    void leasesOfBeforeThereWasRoomGoOn() throws Exception {
        // What the rehearsal of the start had mapped is given back by the next collection: room for 64 leases more.
        agent.configure(SSH + "[quota]\nleases = 200\n");
        agent.start();
        agent.enrol("alice");
        disk.fill();
        int leases = 0;
        for (; agent.status().getAsJsonArray("warnings").isEmpty(); leases++) {
            permit();
        }
        permit();
        disk.makeRoom();
        agent.done("reload");
        assertTrue(agent.status().getAsJsonArray("warnings").isEmpty(), agent::log);
        permit();
        agent.kill9();
        agent.start();
        assertEquals(leases + 2, agent.ask(AdminCommand.LEASES).getAsJsonArray().size());
    }

    @Test
    void readOnlyAtAStart() throws Exception {
        agent.start();
        Knocker alice = agent.enrol("alice");
        byte[] packet = alice.packet("ssh");
        Ip6Address door = alice.door(packet);
        alice.send(net.client, packet);
        Until.holds("it is open", SOON, () -> agent.accepted() == 1);
        try (Session session = Session.open(net.client, door, 22)) {
            agent.kill9();
            disk.readOnly();

            agent.start();

            session.assertAlive();
            assertEquals(Met.SILENCE, Session.attempt(net.client, door, 22), "what cannot be struck out is not open");
            String told = agent.done("status");
            assertTrue(told.contains("Read-only file system"), told);
            assertRefused(alice);
            assertShut();
            assertIn(permit());
            assertTrue(agent.ctl("client", "add", "bob").status() == 0, "clients are on another disk");

            disk.writable();
            Until.holds("it is noticed", SOON, () -> agent.status()
                    .getAsJsonArray("warnings")
                    .isEmpty());
            alice.send(net.client, packet);
            Until.holds("a knock from before", SOON, () -> agent.packets() == 2);
            assertEquals(0, agent.accepted(), "is not taken twice");
            assertIn(alice.open(agent, net.client, "ssh"));
            session.assertAlive();
            assertTrue(agent.log().contains("replay marks are kept again"), agent::log);
        }
    }

    private boolean isReady() {
        JsonElement until = agent.status().get("refusing_until");
        return until == null || until.isJsonNull();
    }

    /** Whoever is let in by hand. */
    private Ip6Address permit() throws Exception {
        String out = agent.done("--json", "permit", "alice", "ssh", "--source", Network.CLIENT);
        JsonObject answer = JsonParser.parseString(out).getAsJsonObject();
        return Ip6Address.parse(answer.get("door").getAsString());
    }

    private void assertIn(Ip6Address door) throws Exception {
        Until.holds("it opens", SOON, () -> Session.attempt(net.client, door, 22) == Met.IN);
    }

    private void assertRefused(Knocker client) throws Exception {
        long before = agent.metric(REFUSED);
        client.send(net.client, client.packet("ssh"));
        Until.holds("it is refused", SOON, () -> agent.metric(REFUSED) == before + 1);
        assertEquals(0, agent.accepted());
    }

    private void assertShut() throws Exception {
        assertEquals(Map.of(22, "filtered"), Nmap.scan(net.client2, "-sS", Network.SERVER, "22"));
        assertFalse(net.server.run("nft", "list", "table", "inet", "mayfly").isEmpty());
    }
}
