package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.knock.Ip6Address;

/** A name server that knows of 127.0.0.1 alone, asked through doors. */
final class UdpRelayIT {
    private static final int CLIENT_PORT = 4000;
    private static final String NO_ANSWER = "timed out";

    @TempDir
    private Path temp;

    private static String dns(String lease, String ipv4) {
        return Layout.service("dns", NameServer.PORT, lease, "1h", ipv4).strip()
                + "\nprotocol = \"udp\"\nrelay = \"127.0.0.1:53\"\n\n";
    }

    private static String from(Ip6Address address, int port) {
        return "-b " + address + "#" + port;
    }

    private static void answers(String answer) {
        assertEquals(NameServer.ANSWER, answer);
    }

    private static void silent(String answer) {
        assertTrue(answer.contains(NO_ANSWER), () -> "an answer: " + answer);
    }

    /** dig refuses an answer from elsewhere; tcpdump and ss are asked as well. */
    @ParameterizedTest
    @EnumSource
    void answersComeFromTheDoor(Layout layout) throws Exception {
        try (Network net = new Network();
                NameServer names = new NameServer(net.server, temp.resolve("named"));
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.door() + dns("1m", "closed"))) {
            silent(names.ask(net.client, "@" + Network.SERVER, "web.test"));
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "dns");
            String own = from(Network.CLIENT, CLIENT_PORT);
            try (Tcpdump wire = new Tcpdump(net, temp.resolve("wire"))) {
                answers(names.ask(net.client, own, "@" + door, "web.test"));
                Until.holds(
                        "both are seen", Mayflyd.PATIENCE, () -> wire.text().contains(" > " + Network.CLIENT + "."));
                String back = "IP6 " + door + ".53 > " + Network.CLIENT + "." + CLIENT_PORT + ":";
                assertTrue(wire.text().contains(back), wire::text);
            }
            String sockets = net.server.run("ss", "-Hun6");
            assertTrue(
                    sockets.contains("[" + door + "]:53")
                            && sockets.contains("[" + Network.CLIENT + "]:" + CLIENT_PORT),
                    sockets);
            assertEquals(1, lease(agent).get("sessions").getAsInt());
            assertEquals(1, agent.metric("mayfly_flow_open"));
            silent(names.ask(net.client2, "@" + door, "web.test"));

            assertEquals(
                    NameServer.BIG,
                    names.ask(net.client, "@" + door, "big.test", "TXT")
                            .replaceAll("[^x]", "")
                            .length(),
                    "an answer of several packets");
            for (int i = 1; i <= 50; i++) {
                answers(names.ask(net.client, from(Network.CLIENT, CLIENT_PORT + i), "@" + door, "web.test"));
            }
            assertEquals(52, agent.metric("mayfly_flow_open"), "each question is from another port");

            agent.done("revoke", lease(agent).get("id").getAsString());
            silent(names.ask(net.client, own, "@" + door, "web.test"));
            Until.holds("its flows are gone", Mayflyd.PATIENCE, () -> agent.metric("mayfly_flow_open") == 0);
            assertEquals(52, agent.metric("mayfly_flow_cut_total"));
            assertFalse(net.server.run("ss", "-Hun").contains(door.toString()));
            assertTrue(new Judge(net, layout).shut());
        }
    }

    /** As any session: it goes on when the window has ended, and its door stays up for it. */
    @ParameterizedTest
    @EnumSource
    void aFlowGoesOnWhenItsWindowHasEnded(Layout layout) throws Exception {
        try (Network net = new Network();
                NameServer names = new NameServer(net.server, temp.resolve("named"));
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.door() + dns("3s", "closed"))) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "dns");
            String own = from(Network.CLIENT, CLIENT_PORT);
            answers(names.ask(net.client, own, "@" + door, "web.test"));
            Until.holds("its window ends", Mayflyd.PATIENCE, () -> agent.metric("mayfly_leases_session") == 1);
            Duration grace = Duration.ofSeconds(4);
            Instant gone = Instant.now().plus(grace); // of an address that is not held
            Until.holds("time passes", Mayflyd.PATIENCE, () -> Instant.now().isAfter(gone));
            answers(names.ask(net.client, own, "@" + door, "web.test"));
            silent(names.ask(net.client, from(Network.CLIENT, CLIENT_PORT + 1), "@" + door, "web.test"));
            assertEquals(1, lease(agent).get("sessions").getAsInt());
        }
    }

    @Test
    void overIpv4WhereAKnockOpensIt() throws Exception {
        try (Network net = new Network();
                NameServer names = new NameServer(net.server, temp.resolve("named"));
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.door() + relayTo5353())) {
            silent(names.ask(net.client, "@" + Network.SERVER_IPV4, "-p 5353", "web.test"));
            Knocker alice = agent.enrol("alice");
            long before = agent.accepted();
            alice.send(net.client, alice.packet("dns", Network.CLIENT_IPV4));
            Until.holds("the knock is accepted", Mayflyd.PATIENCE, () -> agent.accepted() == before + 1);
            answers(names.ask(net.client, "@" + Network.SERVER_IPV4, "-p 5353", "web.test"));
            silent(names.ask(net.client2, "@" + Network.SERVER_IPV4, "-p 5353", "web.test"));
            assertEquals(1, lease(agent).get("sessions").getAsInt());
        }
    }

    private static String relayTo5353() {
        return Layout.service("dns", 5353, "1m", "1h", "permit").strip()
                + "\nprotocol = \"udp\"\nrelay = \"127.0.0.1:53\"\n\n";
    }

    private static JsonObject lease(Mayflyd agent) {
        JsonArray all = agent.ask(AdminCommand.LEASES).getAsJsonArray();
        assertEquals(1, all.size(), all::toString);
        return all.get(0).getAsJsonObject();
    }

    /** What is on the client's wire. */
    private static final class Tcpdump implements AutoCloseable {
        private final Path out;
        private final Process process;

        Tcpdump(Network net, Path out) throws Exception {
            this.out = out;
            List<String> words = List.of("tcpdump", "-nn", "-l", "-i", "eth0", "udp port 53");
            ProcessBuilder builder =
                    new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(out.toFile());
            process = net.client.call(builder::start);
            Until.holds("tcpdump listens", Duration.ofSeconds(10), () -> text().contains("listening on eth0"));
        }

        String text() {
            try {
                return Files.readString(out);
            } catch (IOException e) {
                return "no capture: " + e;
            }
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
