package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Who has IPv6 only reaches what has IPv4 only, by its name; and nothing else is reached by the way to it. */
final class Nat64IT {
    private static final int GATED = 22;
    private static final int OTHER = 80;
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final String WITHOUT = """
            [door]
            interface = "outside0"
            prefix = "2001:db8:d::/64"

            [service.ssh]
            port = 22

            """;

    private static final String WITH = WITHOUT + """
            [relay.nat64]
            prefix = "64:ff9b:1::/96"
            interface = "inside0"

            [relay.dns64]
            listen = ["[2001:db8:64::1]:53"]
            upstream = ["203.0.113.80:53"]
            from = ["2001:db8:64::/64"]

            """;

    private static Ip6Address behind(Ip6Address ipv4) {
        Ip6Address prefix = Ip6Address.parse("64:ff9b:1::");
        return new Ip6Address(prefix.high(), ipv4.low() & 0xffff_ffffL);
    }

    /** After the handshake, or so soon that it is hardly over. */
    private static void assertReset(Inside net, Ip6Address ipv4, int port) throws Exception {
        try (Session session = Session.open(net.laptop, behind(ipv4), port)) {
            session.assertReset(SOON);
        } catch (SocketException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
        }
    }

    private static boolean reaches(Inside net, Ip6Address to, int port) throws Exception {
        try {
            return Session.attempt(net.laptop, to, port) == Met.IN;
        } catch (SocketException e) {
            return false; // forbidden, which has a number of its own
        }
    }

    @Test
    void aLaptopWithIpv6OnlyReachesAWebServerWithIpv4OnlyByName(@TempDir Path temp) throws Exception {
        try (Inside net = new Inside(temp.resolve("net"));
                Mayflyd agent = Mayflyd.start(net.router, temp, WITH)) {
            assertNotEquals(
                    0,
                    net.onLaptop("curl", "-sS", "-m", "5", "http://203.0.113.80/")
                            .status(),
                    "no IPv4 there");
            assertEquals("64:ff9b:1::cb00:7150\n", net.done("dig", "+short", "web.test", "AAAA"));
            assertEquals("2001:db8:3::1\n", net.done("dig", "+short", "six.test", "AAAA"), "it has IPv6 itself");
            assertEquals("", net.done("dig", "+short", "private.test", "AAAA"), "which is not led to");
            assertEquals("on IPv4 alone\n", net.done("curl", "-sS", "-m", "20", "http://web.test/"));
            assertEquals("on IPv4 alone\n", net.done("curl", "-sS", "-m", "20", "http://www.test/"), "an alias");
            Path big = temp.resolve("big");
            net.done("curl", "-sS", "-m", "60", "-o", big.toString(), "http://web.test/big");
            assertEquals(-1, Files.mismatch(temp.resolve("net/www/big"), big));
            assertTrue(net.requests().startsWith("203.0.113.1 - "), net.requests());
            assertEquals(3, agent.metric("mayfly_pipe_connections_total"));
            assertEquals(0, agent.metric("mayfly_nat64_refused_total"));
            assertTrue(agent.metric("mayfly_dns64_synthesised_total") >= 3);
            String listen = agent.status().get("listen").toString();
            assertTrue(
                    listen.contains("nat64 64:ff9b:1::/96 (from inside0)")
                            && listen.contains("dns64 [2001:db8:64::1]:53"),
                    listen);
        }
    }

    @Test
    void nothingElseIsReachedThatWay(@TempDir Path temp) throws Exception {
        try (Inside net = new Inside(temp.resolve("net"), GATED, OTHER);
                Mayflyd agent = Mayflyd.start(net.router, temp, WITH)) {
            assertEquals(Met.IN, Session.attempt(net.laptop, Inside.ROUTER, OTHER), "the router's own");
            assertEquals(Met.SILENCE, Session.attempt(net.laptop, Inside.ROUTER, GATED));
            long refused = 0;
            for (String ipv4 : new String[] {"203.0.113.1", "127.0.0.1", "10.1.2.3", "0.0.0.0", "169.254.0.1"}) {
                assertReset(net, Ip6Address.parse(ipv4), OTHER);
                refused++;
                assertEquals(refused, agent.metric("mayfly_nat64_refused_total"), ipv4);
            }
            assertReset(net, Inside.WEB, GATED); // gated here, and nobody listens there
            assertEquals(refused, agent.metric("mayfly_nat64_refused_total"));
            assertEquals(Met.SILENCE, Session.attempt(net.beyond, behind(Inside.WEB), OTHER), "who is not inside");
            assertEquals(Met.SILENCE, Session.attempt(net.beyond, behind(Inside.WEB), GATED));
            String name = "@" + behind(Inside.WEB);
            assertEquals(
                    "203.0.113.80\n",
                    net.done("dig", "+short", "+tcp", "+tries=1", "+time=5", name, "web.test", "A"),
                    "a resolver is a server as any other");
            long before = System.nanoTime();
            assertNotEquals(
                    0,
                    net.onLaptop("dig", "+tries=1", "+time=5", name, "web.test", "A")
                            .status(),
                    "no UDP");
            assertTrue(System.nanoTime() - before < Duration.ofSeconds(4).toNanos(), "which is told at once");
            Command asked = net.beyond.call(
                    () -> Command.run("dig", "+tries=1", "+time=1", "@2001:db8:64::1", "web.test", "AAAA"));
            assertNotEquals(0, asked.status(), "who is outside may not ask");
        }
    }

    @Test
    void itIsPutBackAndGoesWithTheConfiguration(@TempDir Path temp) throws Exception {
        try (Inside net = new Inside(temp.resolve("net"), OTHER);
                Mayflyd agent = Mayflyd.start(net.router, temp, WITH)) {
            Ip6Address echo = behind(Inside.WEB);
            try (Session session = Session.open(net.laptop, echo, Inside.ECHO)) {
                session.assertAlive();
                net.router.run("ip", "-6", "route", "del", "local", "64:ff9b:1::/96", "dev", "lo", "table", "local");
                Until.holds("its route is back", SOON, () -> net.router
                        .run("ip", "-6", "route", "show", "table", "local")
                        .contains("64:ff9b:1::/96"));
                session.assertAlive();
                agent.assertTold("somebody took away a route of ours; putting it back");
                agent.kill9();
                session.assertOver(SOON);
            }
            assertFalse(reaches(net, echo, OTHER), "nobody relays, and the router's own is not there");
            agent.start();
            try (Session session = Session.open(net.laptop, echo, Inside.ECHO)) {
                session.assertAlive();
                agent.configure(WITH);
                assertEquals("", agent.done("reload"), "nothing is different");
                session.assertAlive();
                agent.configure(WITHOUT);
                String told = agent.done("reload");
                assertTrue(
                        told.contains("IPv4 is behind no prefix any more; what was open is cut")
                                && told.contains("DNS64 is off"),
                        told);
                session.assertOver(SOON);
            }
            assertFalse(reaches(net, echo, Inside.ECHO));
            assertFalse(reaches(net, echo, OTHER));
            assertFalse(net.router.run("nft", "list", "table", "inet", "mayfly").contains("nat64"));
            agent.configure(WITH);
            agent.done("reload");
            assertEquals("on IPv4 alone\n", net.done("curl", "-sS", "-m", "20", "http://web.test/"));
        }
    }
}
