package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.packaging.Monitor.word;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.packaging.Session.Met;

/**
 * A server at home: its provider gives it another prefix, as the router advertises. Doors move along while sessions go on,
 * the server's name leads to the new address, and who was enrolled before knocks as ever.
 */
final class RenumberIT {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String NAME = "server.test";
    private static final String OLD = "2001:db8:3::/64";
    private static final String NEW = "2001:db8:5::/64";

    private static final String CONFIGURATION = """
            [door]
            interface = "eth0"

            [host]
            name = "server.test"

            """ + Layout.service("ssh", 22, "1m", "1h", "closed");

    @TempDir
    private Path temp;

    @Test
    void doorsMoveAlongAndWhatIsOpenGoesOn() throws Exception {
        try (Network net = new Network(22)) {
            takeAddressFromTheRouter(net);
            try (Advertising router = new Advertising(net, temp, OLD, "3600")) {
                Ip6Address before = ownAddress(net, OLD);
                try (Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION);
                        Monitor monitor = Monitor.start(agent)) {
                    String uri = agent.done("client", "add", "alice");
                    assertEquals(64, Enrolment.parse(uri).follow());
                    enroll(net, uri);
                    nameLeadsTo(before);
                    Ip6Address door = comesIn(net, OLD);
                    try (Session session = Session.open(net.client, door, 22)) {
                        net.router.address("2001:db8:5::1/64", "to-server");
                        router.advertises(OLD, "0", NEW, "3600");
                        Ip6Address after = ownAddress(net, NEW);
                        Until.holds(
                                "doors are in the new prefix",
                                SOON,
                                () -> agent.status().get("prefix").getAsString().equals(NEW));
                        monitor.heard(e -> word(e, "message").startsWith("doors are in " + NEW + " from now on"));
                        session.assertAlive();
                        assertEquals(Met.IN, Session.attempt(net.client, door, 22), "the old door, in its window");
                        Ip6Address second = Ip6Prefix.parse(NEW).with(door);
                        assertEquals(
                                Met.IN, Session.attempt(net.client, second, 22), "the same lease in the new prefix");
                        assertEquals(Met.SILENCE, Session.attempt(net.client2, second, 22));
                        assertNotEquals(Met.IN, Session.attempt(net.client, after, 22));

                        nameLeadsTo(after);
                        comesIn(net, NEW);
                        nameLeadsTo(before, after); // the old one is in the name service still, and comes first
                        comesIn(net, NEW);

                        agent.kill9();
                        agent.start();
                        session.assertAlive();
                        assertEquals(Met.IN, Session.attempt(net.client, second, 22), "after a restart as well");
                        assertEquals(Met.IN, Session.attempt(net.client, door, 22));
                        agent.done("revoke", "alice");
                        session.assertReset(Duration.ofSeconds(1));
                        assertNotEquals(Met.IN, Session.attempt(net.client, second, 22));
                    }
                }
            }
        }
    }

    /** As long as no other is to be had, doors stay where they are, and somebody is told. */
    @Test
    void withoutAnotherPrefixDoorsStay() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION);
                Monitor monitor = Monitor.start(agent)) {
            String address = "2001:db8:3::2/64";
            net.server.run("ip", "address", "change", address, "dev", "eth0", "preferred_lft", "0");
            Until.holds(
                    "it is told",
                    SOON,
                    () -> agent.status().get("warnings").toString().contains("doors stay in"));
            assertEquals(OLD, agent.status().get("prefix").getAsString());
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            assertTrue(Ip6Prefix.parse(OLD).contains(door));
            try (Session session = Session.open(net.client, door, 22)) {
                agent.assertTold("doors stay in");
                monitor.heard(e -> word(e, "message").startsWith("doors stay in " + OLD));
                agent.kill9();
                agent.start();
                session.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, door, 22), "after a restart as well");
            }
            String warnings = agent.status().get("warnings").toString();
            assertTrue(warnings.contains("doors stay in " + OLD), warnings);
            assertTrue(Ip6Prefix.parse(OLD).contains(alice.open(agent, net.client, "ssh")));
            net.server.run("ip", "address", "change", address, "dev", "eth0", "preferred_lft", "forever");
            Until.holds(
                    "all is well",
                    SOON,
                    () -> !agent.status().get("warnings").toString().contains("doors stay in"));
            assertEquals(2, agent.log().split("doors stay in", -1).length - 1, agent::log); // once each start
        }
    }

    /** The server has what a router advertises, and nothing by hand. */
    private static void takeAddressFromTheRouter(Network net) throws Exception {
        net.server.run("ip", "address", "del", "2001:db8:3::2/64", "dev", "eth0");
        net.server.run("ip", "-6", "route", "flush", "default");
        String eth0 = "net.ipv6.conf.eth0.";
        net.server.run("sysctl", "-qw", eth0 + "accept_ra=1", eth0 + "autoconf=1", eth0 + "addr_gen_mode=0");
    }

    /** A real radvd on the router. */
    private static final class Advertising implements AutoCloseable {
        private final Path configuration;
        private final Process process;

        /** @param prefixes what it begins with: a SIGHUP so early would end it, as it does who has no handler yet */
        Advertising(Network net, Path temp, String... prefixes) throws Exception {
            configuration = temp.resolve("radvd.conf");
            write(prefixes);
            process = net.router.call(() -> new ProcessBuilder(
                            "radvd",
                            "-n",
                            "-C",
                            configuration.toString(),
                            "-p",
                            temp.resolve("radvd.pid").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(temp.resolve("radvd.log").toFile())
                    .start());
        }

        /** @param prefixes each with its preferred lifetime */
        void advertises(String... prefixes) throws Exception {
            write(prefixes);
            Command.run("kill", "-HUP", Long.toString(process.pid()));
        }

        private void write(String... prefixes) throws IOException {
            StringBuilder text = new StringBuilder(
                    "interface to-server {\n  AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n");
            for (int i = 0; i < prefixes.length; i += 2) {
                text.append("  prefix " + prefixes[i] + " { AdvValidLifetime 7200; AdvPreferredLifetime "
                        + prefixes[i + 1] + "; };\n");
            }
            Files.writeString(configuration, text + "};\n");
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }

    /** What the server has made of what the router advertises, once it has. */
    private static Ip6Address ownAddress(Network net, String prefix) throws Exception {
        return Until.answer(
                        "an address in " + prefix,
                        SOON,
                        () -> Stream.of(net.server
                                        .run("ip", "-6", "-o", "address", "show", "dev", "eth0", "scope", "global")
                                        .split("[ /]+", -1))
                                .filter(word -> word.contains("::") || word.contains(":"))
                                .filter(RenumberIT::isAddress)
                                .map(Ip6Address::parse)
                                .filter(a -> Ip6Prefix.parse(prefix).contains(a))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static boolean isAddress(String word) {
        try {
            Ip6Address.parse(word);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Ip6Address comesIn(Network net, String prefix) throws Exception {
        Command knock = mayfly(net, "knock", "lab", "--wait", "20s", "--json");
        assertEquals(0, knock.status(), knock::toString);
        JsonObject json = JsonParser.parseString(knock.out()).getAsJsonObject();
        Ip6Address door = Ip6Address.parse(json.get("door").getAsString());
        JsonArray candidates = json.getAsJsonArray("candidates");
        assertTrue(Ip6Prefix.parse(prefix).contains(door), () -> door + " of " + candidates);
        assertEquals(Met.IN, Session.attempt(net.client, door, 22));
        assertEquals(Met.SILENCE, Session.attempt(net.client2, door, 22));
        return door;
    }

    private void nameLeadsTo(Ip6Address... addresses) throws Exception {
        Files.writeString(
                temp.resolve("hosts"),
                Stream.of(addresses).map(a -> a + " " + NAME + "\n").collect(Collectors.joining()));
    }

    private void enroll(Network net, String uri) throws Exception {
        Path file = Files.writeString(temp.resolve("uri"), uri);
        Command enroll = mayfly(net, "enroll", "lab", "--file", file);
        assertEquals(0, enroll.status(), enroll::toString);
    }

    private Command mayfly(Network net, Object... arguments) throws Exception {
        Map<String, String> environment = Map.of(
                "MAYFLY_JAVA_HOME",
                System.getProperty("java.home"),
                "MAYFLY_JAVA_OPTS",
                "-Djdk.net.hosts.file=" + temp.resolve("hosts"),
                "MAYFLY_HOME",
                temp.resolve("profiles").toString());
        List<String> words = Mayflyd.program("mayfly", arguments);
        return net.client.call(() -> Command.run(environment, words));
    }
}
