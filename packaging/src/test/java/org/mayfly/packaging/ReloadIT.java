package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.packaging.Session.Met;

/** A new configuration takes nothing from who is in; a wrong one changes nothing. */
final class ReloadIT {
    private static final int SSH = 22;
    private static final int WEB = 8443;

    @ParameterizedTest
    @EnumSource
    void aGoodOneIsInForceAndAWrongOneIsNot(Layout layout, @TempDir Path temp) throws Exception {
        String before = layout.ssh("1m", "1h");
        String after = before + Layout.service("web", WEB, "1m", "1h", "closed");
        try (Network net = new Network(SSH, WEB);
                Mayflyd agent = Mayflyd.start(net.server, temp, before)) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, WEB), "not gated yet");
            try (Session session = Session.open(net.client, door, SSH)) {
                agent.configure(before + "[service.web]\nprot = 443\n\n");
                wrongIsRefused(agent);
                assertEquals(1, services(agent));
                assertTrue(judge.permits(Network.CLIENT, door));

                agent.configure(after);
                agent.hangUp();
                Until.holds("there are two services", Mayflyd.PATIENCE, () -> services(agent) == 2);
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, WEB));
                session.assertAlive();
                assertTrue(judge.permits(Network.CLIENT, door));
                assertEquals(Met.IN, Session.attempt(net.client, door, SSH), "the door stands");
            }
            Ip6Address web = agent.enrol("bob", "web").open(agent, net.client, "web");
            assertEquals(Met.IN, Session.attempt(net.client, web, WEB));

            agent.configure(before);
            assertEquals(0, agent.ctl("reload").status());
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, WEB), "not gated any more");
        }
    }

    /** Who is enrolled after a reload is told where doors are then, and where to knock for them. */
    @Test
    void anEnrolmentIsOfWhatIsInForce(@TempDir Path temp) throws Exception {
        String host = "[host]\nname = \"server.test\"\n\n" + Layout.service("ssh", SSH, "1m", "1h", "closed");
        try (Network net = new Network(SSH);
                Mayflyd agent = Mayflyd.start(net.server, temp, host)) {
            Enrolment before = Enrolment.parse(agent.done("client", "add", "alice"));
            assertEquals(Ip6Prefix.parse("2001:db8:3::/64"), before.doors().prefix());
            assertEquals(64, before.follow());
            agent.configure("[door]\nprefix = \"2001:db8:d::/64\"\n\n" + host);
            agent.done("reload");
            Enrolment after = Enrolment.parse(agent.done("client", "add", "bob"));
            assertEquals(Ip6Prefix.parse("2001:db8:d::/64"), after.doors().prefix());
            assertEquals(0, after.follow(), "a routed prefix is not that of the server's address");
            agent.configure(host);
            agent.done("reload");
            assertEquals(
                    64, Enrolment.parse(agent.done("client", "add", "carol")).follow());
        }
    }

    /** What cannot be read is found out before anything is in force; and who monitors is told, whoever asked for it. */
    @Test
    void withoutTheClientsNothingIsInForce(@TempDir Path temp) throws Exception {
        String before = Layout.ROUTED.ssh("1m", "1h");
        try (Network net = new Network(SSH, WEB);
                Mayflyd agent = Mayflyd.start(net.server, temp, before);
                Monitor monitor = Monitor.start(agent)) {
            agent.enrol("alice");
            agent.configure(before + Layout.service("web", WEB, "1m", "1h", "closed"));
            Path away = Files.move(agent.clients(), temp.resolve("away"));
            Command reload = agent.ctl("reload");
            assertEquals(1, reload.status(), reload::toString);
            assertTrue(reload.err().contains("the clients' files cannot be read"), reload::err);
            assertEquals(1, services(agent));
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, WEB), "not gated yet");
            monitor.heard(
                    e -> Monitor.word(e, "message").startsWith("reload failed, all stays as it was: the clients'"));
            Files.move(away, agent.clients());
            String changed = agent.done("reload");
            assertTrue(changed.contains("service web is new") && !changed.contains("client"), changed);
            assertEquals(2, services(agent));
        }
    }

    /** By mayflyctl and by SIGHUP. */
    private static void wrongIsRefused(Mayflyd agent) throws Exception {
        String place = agent.configuration() + ":";
        Command reload = agent.ctl("reload");
        assertEquals(2, reload.status(), reload::toString);
        assertTrue(reload.err().matches("(?s).*" + place + "\\d+:\\d+: .*\\bprot\\b.*"), reload::err);
        assertEquals(1, reload.err().strip().lines().count(), reload::err);

        assertTrue(!agent.log().contains("reload failed"), agent::log);
        agent.hangUp();
        Until.answer("the log says so", Mayflyd.PATIENCE, agent::log, l -> l.contains(place));
        assertTrue(agent.process().isAlive());
    }

    private static int services(Mayflyd agent) {
        JsonArray services = agent.ask(AdminCommand.SERVICES).getAsJsonArray();
        return services.size();
    }
}
