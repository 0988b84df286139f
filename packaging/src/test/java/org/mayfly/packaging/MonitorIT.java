package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.packaging.Monitor.word;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;

/** {@code mayflyctl monitor} tells what happens, as it happens; and quotas can be seen. */
final class MonitorIT {
    @ParameterizedTest
    @EnumSource
    void tellsTheLifeOfEveryLease(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("2s", "2s"));
                Monitor monitor = Monitor.start(agent)) {
            Knocker alice = agent.enrol("alice");
            Ip6Address used = alice.open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, used, 22)) {
                session.assertAlive();
                assertEquals(List.of("active", "session", "ended session_limit"), life(monitor, layout, used));
                session.assertReset(Duration.ofSeconds(2));
            }
            assertTold(monitor, used);
            Ip6Address unused = alice.open(agent, net.client, "ssh");
            assertEquals(List.of("active", "ended expired"), life(monitor, layout, unused));
            Ip6Address revoked = alice.open(agent, net.client, "ssh");
            agent.done("revoke", "alice");
            assertEquals(List.of("active", "ended revoked"), life(monitor, layout, revoked));
            for (Ip6Address door : List.of(used, unused, revoked)) {
                assertFalse(agent.log().contains(door.toString()), "doors are for who may ask, not for the log");
            }
            disturb(net, agent, layout, alice, monitor);
            agent.stop();
            assertEquals(
                    new Command(1, "", "mayflyctl: the agent stops; monitor again once it runs\n"), monitor.ended());
        }
    }

    /** All of it; where the kernel has to put an address up, the lease was pending before it was active. */
    private static List<String> life(Monitor monitor, Layout layout, Ip6Address door) throws Exception {
        List<String> events = new ArrayList<>(monitor.life(door.toString()));
        if (layout == Layout.ON_LINK) {
            assertEquals("pending", events.remove(0));
        }
        return events;
    }

    private static void assertTold(Monitor monitor, Ip6Address door) throws Exception {
        JsonObject active = monitor.heard(
                e -> word(e, "door").equals(door.toString()) && word(e, "event").equals("active"));
        assertEquals("alice", word(active, "client"));
        assertEquals("ssh", word(active, "service"));
        assertEquals("tcp", word(active, "protocol"));
        assertEquals("22", word(active, "port"));
        assertEquals(Network.CLIENT.toString(), word(active, "source"));
        Duration window = Duration.between(Instant.parse(word(active, "time")), Instant.parse(word(active, "expires")));
        assertTrue(window.compareTo(Duration.ofSeconds(1)) > 0 && window.toSeconds() <= 2, window::toString);
    }

    private static void disturb(Network net, Mayflyd agent, Layout layout, Knocker alice, Monitor monitor)
            throws Exception {
        if (layout == Layout.ON_LINK) {
            Ip6Address door = alice.open(agent, net.client, "ssh");
            net.server.run("ip", "address", "del", door + "/128", "dev", "eth0");
        } else {
            net.server.run("ip", "-6", "route", "del", "local", "2001:db8:d::/64", "dev", "lo", "table", "local");
        }
        String what = layout == Layout.ON_LINK ? "address" : "route";
        monitor.heard(
                e -> word(e, "event").equals("disturbed") && word(e, "reason").equals(what));
        monitor.heard(e -> word(e, "event").equals("repaired"));
        agent.ask(AdminCommand.RELOAD);
        monitor.heard(
                e -> word(e, "event").equals("reload") && word(e, "message").equals("nothing has changed"));
    }

    @Test
    void whatIsRefusedByAQuotaIsSeen(@TempDir Path temp) throws Exception {
        String quota = "\n[quota]\nleases = 2\nfull = \"refuse\"\n";
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h") + quota);
                Monitor monitor = Monitor.start(agent)) {
            Knocker alice = agent.enrol("alice");
            alice.open(agent, net.client, "ssh");
            alice.open(agent, net.client, "ssh");
            alice.send(net.client, alice.packet("ssh"));
            JsonObject refused = monitor.heard(e -> word(e, "event").equals("refused"));
            assertEquals("alice", word(refused, "client"));
            assertEquals("leases", word(refused, "reason"));
            String clients = agent.done("clients");
            assertTrue(clients.contains("  2/2     leases 1  "), clients);
            String status = agent.done("status");
            assertTrue(status.contains("  leases    0 pending, 2 active, 0 in session; doors: 2 of "), status);
            assertTrue(status.contains("2 accepted, 1 refused (leases 1)"), status);
            assertEquals(2, agent.metric("mayfly_leases_active"));
            assertEquals(0, agent.metric("mayfly_leases_pending"));
            agent.configure("nonsense");
            agent.hangUp();
            JsonObject warning = monitor.heard(e -> word(e, "event").equals("warning"));
            assertTrue(word(warning, "message").startsWith("reload failed, all stays as it was: "), warning::toString);
            agent.kill9();
            Command ended = monitor.ended();
            assertEquals(1, ended.status());
            assertTrue(ended.err().contains("it hung up; see whether mayflyd still runs"), ended::toString);
        }
    }
}
