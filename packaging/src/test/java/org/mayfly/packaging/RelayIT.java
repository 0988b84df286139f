package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Daemons that listen on 127.0.0.1 alone, reached through doors. */
final class RelayIT {
    private static final int GIT = 9418;
    private static final int OTHER = 9419;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");

    @TempDir
    private Path temp;

    private static String service(String name, int port, String lease, String ipv4, int to) {
        return Layout.service(name, port, lease, "1h", ipv4).strip() + "\nrelay = \"127.0.0.1:" + to + "\"\n\n";
    }

    private static String git(String lease, int to) {
        return service("git", GIT, lease, "closed", to);
    }

    @ParameterizedTest
    @EnumSource
    void aDoorLeadsToADaemonThatHasNoIpv6(Layout layout) throws Exception {
        try (Network net = new Network();
                Ipv4Daemon daemon = new Ipv4Daemon(net.server, GIT, 'g');
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.door() + git("2s", GIT))) {
            Judge judge = new Judge(net, layout);
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GIT));
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "git");
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
                session.assertAlive();
                assertEquals(Met.SILENCE, Session.attempt(net.client2, door, GIT), "a second client");
                Until.holds("its window ends", Mayflyd.PATIENCE, () -> agent.metric("mayfly_leases_session") == 1);
                assertFalse(judge.permits(Network.CLIENT, door));
                session.assertAlive();
                assertEquals(Met.SILENCE, Session.attempt(net.client, door, GIT), "a second connection");
                JsonObject lease = leases(agent).get(0).getAsJsonObject();
                assertEquals(1, lease.get("sessions").getAsInt(), lease::toString);
                assertEquals(1, agent.metric("mayfly_pipe_open"));

                agent.done("revoke", lease.get("id").getAsString());
                session.assertReset(SOON);
                assertEquals("reset", daemon.ending(SOON), "the daemon hears of it too");
            }
            Until.holds("nothing is left", SOON, judge::shut);
            Until.holds("the pipe is gone", SOON, () -> agent.metric("mayfly_pipe_open") == 0);
        }
    }

    /** The guard leaves loopback alone: who is on the server is not let in by the relay either. */
    @Test
    void whoHasNotKnockedIsResetWhereNoGuardIsInTheWay() throws Exception {
        try (Network net = new Network();
                Ipv4Daemon daemon = new Ipv4Daemon(net.server, GIT, 'g');
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.door() + git("1m", GIT))) {
            try (Session session = Session.open(net.server, LOOPBACK, GIT)) {
                session.assertReset(SOON);
            }
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "git");
            try (Session session = Session.open(net.server, door, GIT)) {
                session.assertReset(SOON);
            }
            assertEquals(0, agent.metric("mayfly_pipe_connections_total"));
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
            }
            assertEquals("ended", daemon.ending(SOON));
        }
    }

    @Test
    void ipv4LeadsThereTooWhereAKnockOpensIt() throws Exception {
        String services = git("1m", GIT) + service("both", OTHER, "1m", "permit", GIT);
        try (Network net = new Network();
                Ipv4Daemon daemon = new Ipv4Daemon(net.server, GIT, 'g');
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.door() + services)) {
            agent.enrol("alice");
            agent.done("permit", "alice", "both", "--source", Network.CLIENT_IPV4.toString());
            try (Session session = Session.open(net.client, Network.SERVER_IPV4, OTHER)) {
                session.assertHears('g');
                assertEquals(Met.SILENCE, Session.attempt(net.client2, Network.SERVER_IPV4, OTHER));
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER_IPV4, GIT), "closed on IPv4");
                agent.done("revoke", "--all");
                session.assertReset(SOON);
                assertEquals("reset", daemon.ending(SOON));
            }
        }
    }

    @Test
    void aReloadKeepsWhatIsUnderWay() throws Exception {
        String door = Layout.ROUTED.door();
        try (Network net = new Network();
                Ipv4Daemon first = new Ipv4Daemon(net.server, GIT, '1');
                Ipv4Daemon second = new Ipv4Daemon(net.server, OTHER, '2');
                Mayflyd agent = Mayflyd.start(net.server, temp, door + git("1m", GIT))) {
            Ip6Address to = agent.enrol("alice").open(agent, net.client, "git");
            Socket socket = net.client.call(() -> new Socket(to.toInetAddress(), GIT));
            assertEquals('1', socket.getInputStream().read());
            try (Noise noise = new Noise(socket)) {
                noise.goesOn("at first");
                agent.configure(door + git("1m", OTHER));
                assertTrue(agent.done("reload").contains("service git is different"));
                noise.goesOn("after a reload");
                try (Session session = Session.open(net.client, to, GIT)) {
                    session.assertHears('2');
                }
                assertEquals("ended", second.ending(SOON));
                noise.finish();
            }
            assertEquals("ended", first.ending(SOON));
        }
    }

    @Test
    void aReloadOpensAndClosesListeners() throws Exception {
        String before = Layout.ROUTED.door() + git("1m", GIT);
        String after = before + service("other", OTHER, "1m", "permit", GIT);
        try (Network net = new Network();
                Ipv4Daemon daemon = new Ipv4Daemon(net.server, GIT, 'g');
                Mayflyd agent = Mayflyd.start(net.server, temp, before)) {
            Echo occupied = new Echo(net.server, OTHER);
            agent.configure(after);
            Command reload = agent.ctl("reload");
            assertEquals(1, reload.status(), reload::toString);
            assertTrue(reload.err().contains("cannot listen on TCP [::]:" + OTHER), reload::err);
            assertEquals(1, reload.err().strip().lines().count(), reload::err);
            assertEquals(1, services(agent).size());
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, OTHER), "not gated");
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "git");
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
                occupied.close();
                agent.done("reload");
                assertEquals(
                        "127.0.0.1:" + GIT,
                        services(agent).get(1).getAsJsonObject().get("relay").getAsString());
                Ip6Address other = agent.enrol("bob", "other").open(agent, net.client, "other");
                try (Session second = Session.open(net.client, other, OTHER)) {
                    second.assertHears('g');
                    assertEquals(2, listeners(net, OTHER).size());
                    agent.configure(before);
                    agent.done("reload");
                    second.assertReset(SOON);
                    assertEquals("reset", daemon.ending(SOON));
                }
                Until.holds(
                        "it listens no more", SOON, () -> listeners(net, OTHER).isEmpty());
                session.assertAlive();
            }
        }
    }

    /** The agent is in the middle of such a session, so it ends with the agent; the lease goes on, and lets in anew. */
    @Test
    void aRestartEndsSessionsAndTheDoorLetsInAgain() throws Exception {
        try (Network net = new Network();
                Ipv4Daemon daemon = new Ipv4Daemon(net.server, GIT, 'g');
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.door() + git("1m", GIT))) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "git");
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
                assertEquals(0, agent.stop());
                session.assertReset(SOON);
                assertEquals("reset", daemon.ending(SOON));
            }
            agent.start();
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
                agent.kill9();
                session.assertOver(SOON);
                daemon.ending(SOON);
            }
            agent.start();
            try (Session session = Session.open(net.client, door, GIT)) {
                session.assertHears('g');
            }
        }
    }

    private static JsonArray leases(Mayflyd agent) {
        return agent.ask(AdminCommand.LEASES).getAsJsonArray();
    }

    private static JsonArray services(Mayflyd agent) {
        return agent.ask(AdminCommand.SERVICES).getAsJsonArray();
    }

    private static List<String> listeners(Network net, int port) throws Exception {
        return net.server.run("ss", "-Hltn", "sport", "=", ":" + port).lines().toList();
    }
}
