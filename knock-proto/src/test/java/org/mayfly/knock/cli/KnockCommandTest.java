package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;

/** Against a server on 127.0.0.1, with the addresses every machine has. Real doors: see {@link DoorLabTest}. */
@Timeout(60)
class KnockCommandTest {
    private static final String SOURCE = "2001:db8::7"; // not of this machine, which a knock alone does not mind
    private static final ServiceOffer SSH = new ServiceOffer("ssh", 22, "tcp");
    private static final ServiceOffer DNS = new ServiceOffer("dns", 53, "udp");

    @TempDir
    Path home;

    private final FakeServer server;

    KnockCommandTest() throws Exception {
        server = new FakeServer();
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private User user(ServiceOffer... services) throws Exception {
        return User.of(home.resolve("h"), server.enrolment(services));
    }

    @Test
    void printsTheDoorThatTheServerDerives() throws Exception {
        User u = user(SSH);
        String door = u.run("knock", "lab", "--source", SOURCE).ok().line();
        FakeServer.Received r = server.next();
        assertEquals(r.candidates().get(0).toString(), door);
        assertEquals(Ip6Address.parse(SOURCE), r.request().source());
        assertEquals("ssh", r.request().service());
        assertEquals(0, r.request().leaseSeconds());
        assertEquals("udp", r.carrier());
        assertEquals(List.of(), server.refused());
    }

    @Test
    void everyKnockIsNewAndLaterThanTheOneBefore() throws Exception {
        User u = user(SSH);
        String first = u.run("knock", "lab", "--source", SOURCE).ok().line();
        String second = u.run("knock", "lab", "--source", SOURCE).ok().line();
        assertNotEquals(first, second);
        assertTrue(server.next().request().timeNanos() < server.next().request().timeNanos());
    }

    @Test
    void theRequestSaysServiceAndLease() throws Exception {
        User u = user(SSH, DNS);
        u.run("knock", "lab", "dns", "--source", SOURCE, "--lease", "5m").ok();
        FakeServer.Received r = server.next();
        assertEquals("dns", r.request().service());
        assertEquals(300, r.request().leaseSeconds());
        u.run("knock", "lab", "53", "--source", SOURCE).ok();
        assertEquals("dns", server.next().request().service());
    }

    @Test
    void knocksOverTcpWithTheSameBytes() throws Exception {
        String door =
                user(SSH).run("knock", "lab", "--tcp", "--source", SOURCE).ok().line();
        FakeServer.Received r = server.next();
        assertEquals("tcp", r.carrier());
        assertEquals(r.candidates().get(0).toString(), door);
    }

    @Test
    void anIpv4PermitHasTheServersOwnAddressForADoor() throws Exception {
        assertEquals("127.0.0.1", user(SSH).run("knock", "lab", "-4").ok().line());
        FakeServer.Received r = server.next();
        assertEquals("127.0.0.1", r.request().source().toString());
        assertEquals(
                "127.0.0.1",
                user(SSH).run("knock", "lab", "--source", "127.0.0.2").ok().line());
        r = server.next();
        assertEquals("127.0.0.2", r.request().source().toString());
        assertEquals("127.0.0.2", r.from().getAddress().getHostAddress(), "knock and connection have one source");
    }

    @Test
    void saysThatAnIpv4ServerHasNoIpv6() throws Exception {
        assertTrue(user(SSH)
                .run("knock", "lab", "-6", "--source", SOURCE)
                .failed(1)
                .contains("over IPv6"));
    }

    @Test
    void jsonIsOneDocumentWithStableNames() throws Exception {
        User u = user(SSH);
        JsonObject o = u.run("knock", "lab", "--json", "--source", SOURCE, "--tcp")
                .ok()
                .json();
        FakeServer.Received r = server.next();
        assertEquals(
                Set.of(
                        "door",
                        "candidates",
                        "service",
                        "port",
                        "protocol",
                        "source",
                        "server",
                        "carrier",
                        "family",
                        "sent"),
                o.keySet());
        assertEquals(r.candidates().get(0).toString(), o.get("door").getAsString());
        assertEquals(
                r.candidates().stream().map(Ip6Address::toString).toList(),
                o.getAsJsonArray("candidates").asList().stream()
                        .map(JsonElement::getAsString)
                        .toList());
        assertEquals("ssh", o.get("service").getAsString());
        assertEquals(22, o.get("port").getAsInt());
        assertEquals("tcp", o.get("protocol").getAsString());
        assertEquals(SOURCE, o.get("source").getAsString());
        assertEquals("127.0.0.1:" + u.enrolment().tcpPort(), o.get("server").getAsString());
        assertEquals("tcp", o.get("carrier").getAsString());
        assertEquals("ipv4", o.get("family").getAsString());
        Instant sent = Instant.parse(o.get("sent").getAsString());
        assertEquals(r.request().timeNanos(), sent.getEpochSecond() * 1_000_000_000L + sent.getNano());
    }

    @Test
    void aDryRunSendsNothing() throws Exception {
        User u = user(SSH);
        JsonObject o = u.run("knock", "lab", "--json", "--dry-run").ok().json();
        assertTrue(o.get("sent").isJsonNull());
        assertTrue(Ip6Address.parse(o.get("door").getAsString()).toString().startsWith("2001:db8:77:1:"));
        u.run("knock", "lab", "--source", SOURCE).ok();
        server.next();
        assertEquals(0, server.waiting(), "the knock after it was the only one");
    }

    @Test
    void saysWhatTheTcpKnockPortDid() throws Exception {
        User u = user(SSH);
        server.close();
        String err = u.run("knock", "lab", "--tcp", "--source", SOURCE).failed(1);
        assertTrue(
                err.contains(
                        "cannot send the knock to 127.0.0.1:" + u.enrolment().tcpPort()),
                err);
        assertTrue(err.contains("refused"), err);
    }

    @Test
    void saysThatANameHasNoAddress() throws Exception {
        Enrolment e = server.enrolment(SSH);
        Enrolment nowhere = new Enrolment(
                e.client(), "no-such-host.invalid", e.port(), 0, e.services(), e.clientSecret(), e.server(), e.doors());
        String err = User.of(home.resolve("h"), nowhere).run("knock", "lab").failed(1);
        assertTrue(err.contains("no-such-host.invalid"), err);
    }
}
