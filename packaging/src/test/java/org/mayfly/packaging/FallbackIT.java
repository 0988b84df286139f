package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Networks that let through one thing and not the other; the client that is installed finds the way by itself. */
final class FallbackIT {
    private static final String NAME = "server.test";
    private static final int UDP = 62201;
    private static final int TCP = 62202;
    private static final String CONFIGURATION = """
            [listen]
            udp = ["[::]:62201"]
            tcp = ["[::]:62202"]

            [host]
            name = "server.test"

            """ + Layout.ROUTED.ssh("1m", "1h");

    /** Of the router; it counts what is in segments for the knock port. */
    private static final String FILTER =
            """
            table inet way
            delete table inet way
            table inet way {
              chain forward {
                type filter hook forward priority 0;
                %s
                tcp dport 62202 tcp flags & psh == psh counter comment "data"
                tcp dport 62202 ip6 length 128 counter comment "knock"
              }
            }
            """; // 128: a TCP header of 32 with the time stamps that everybody has on, and 96

    @TempDir
    private Path temp;

    @Test
    void findsTheWayThatIsOpen() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            enroll(net, agent);

            filter(net, "udp dport 62201 drop");
            List<String> tried = comesIn(net, "tcp ipv6", "udp ipv6 sent", "udp ipv4 sent", "tcp ipv6 sent");
            assertEquals(1, counted(net, "knock"), "the knock alone, and in one segment");
            assertEquals(overTcp(tried), counted(net, "data"), "and no other with anything in it");

            filter(net, "udp dport 62201 drop; meta nfproto ipv6 tcp dport 62202 drop");
            comesIn(net, "tcp ipv4", "udp ipv6 sent", "udp ipv4 sent", "tcp ipv6 no answer", "tcp ipv4 sent");

            filter(net, "meta nfproto ipv6 th dport { 62201, 62202 } drop");
            comesIn(net, "udp ipv4", "udp ipv6 sent", "udp ipv4 sent");

            filter(net, "udp dport 62201 reject with icmpx admin-prohibited");
            comesIn(net, "tcp ipv6", "udp ipv6 forbidden on the way");

            filter(net, "");
            tried = comesIn(net, "udp ipv6", "udp ipv6 sent");
            assertEquals(overTcp(tried), counted(net, "data"), "nothing over TCP where UDP gets through in time");
            assertTrue(agent.accepted() >= 5, agent::log);
        }
    }

    @Test
    void connectFindsItToo() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            enroll(net, agent);
            filter(net, "udp dport 62201 drop");
            Command connect = run(
                    net,
                    List.of(
                            "sh",
                            "-c",
                            "echo through | exec \"$0\" connect lab",
                            Mayflyd.program("mayfly").get(0)));
            assertEquals(0, connect.status(), connect::toString);
            assertEquals("through\n", connect.out());
        }
    }

    @Test
    void saysWhatItTriedWhereNothingIsOpen() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            enroll(net, agent);
            filter(net, "th dport { 62201, 62202 } drop");
            long start = System.nanoTime();
            Command knock = run(net, Mayflyd.program("mayfly", "knock", "lab", "--wait", "3s"));
            long took = (System.nanoTime() - start) / 1_000_000;

            assertEquals(1, knock.status(), knock::toString);
            assertEquals("", knock.out());
            assertEquals(1, knock.err().lines().count(), knock::err);
            for (String way : List.of(
                    "UDP [" + Network.SERVER + "]:" + UDP + ",",
                    "UDP " + Network.SERVER_IPV4 + ":" + UDP + ",",
                    "TCP [" + Network.SERVER + "]:" + TCP + " (no answer)",
                    "TCP " + Network.SERVER_IPV4 + ":" + TCP + " (no answer)")) {
                assertTrue(knock.err().contains(way), knock::err);
            }
            assertTrue(took >= 3000 && took < 20_000, took + " ms"); // Java's own start is in it
            assertEquals(0, agent.accepted());

            Command tcp = run(net, Mayflyd.program("mayfly", "knock", "lab", "--tcp", "--wait", "2s"));
            assertEquals(1, tcp.status(), tcp::toString);
            assertEquals(1, tcp.err().lines().count(), tcp::err);
            assertFalse(tcp.err().contains("UDP"), tcp::err);
        }
    }

    /** Fails unless a door opens by a knock that went this way, after all those were tried; gives what was tried. */
    private List<String> comesIn(Network net, String way, String... first) throws Exception {
        Command knock = run(net, Mayflyd.program("mayfly", "knock", "lab", "--wait", "20s", "--json"));
        assertEquals(0, knock.status(), knock::toString);
        JsonObject json = JsonParser.parseString(knock.out()).getAsJsonObject();
        assertEquals(way, word(json, "carrier") + " " + word(json, "family"), knock::out);
        assertEquals(Met.IN, Session.attempt(net.client, Ip6Address.parse(word(json, "door")), 22));
        List<String> tried = json.getAsJsonArray("tried").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(t -> word(t, "carrier") + " " + word(t, "family") + " " + word(t, "result"))
                .collect(Collectors.toList());
        // where the door takes its time there may be more
        assertEquals(List.of(first), tried.subList(0, Math.min(first.length, tried.size())), knock::out);
        return tried;
    }

    private static long overTcp(List<String> tried) {
        return tried.stream().filter(t -> t.matches("tcp ipv. sent")).count();
    }

    private static String word(JsonObject o, String name) {
        return o.get(name).getAsString();
    }

    private void filter(Network net, String rules) throws Exception {
        Path file = Files.writeString(temp.resolve("filter"), FILTER.formatted(rules));
        net.router.run("nft", "-f", file.toString());
    }

    private static int counted(Network net, String comment) throws Exception {
        String table = net.router.run("nft", "list", "table", "inet", "way");
        Matcher m = Pattern.compile("packets (\\d+) bytes \\d+ comment \"" + comment + "\"")
                .matcher(table);
        assertTrue(m.find(), table);
        return Integer.parseInt(m.group(1));
    }

    private void enroll(Network net, Mayflyd agent) throws Exception {
        Files.writeString(
                temp.resolve("hosts"), Network.SERVER_IPV4 + " " + NAME + "\n" + Network.SERVER + " " + NAME + "\n");
        Path uri = Files.writeString(temp.resolve("uri"), agent.done("client", "add", "alice"));
        Command enroll = run(net, Mayflyd.program("mayfly", "enroll", "lab", "--file", uri));
        assertEquals(0, enroll.status(), enroll::toString);
    }

    private Command run(Network net, List<String> words) throws Exception {
        Map<String, String> environment = Map.of(
                "MAYFLY_JAVA_HOME",
                System.getProperty("java.home"),
                "MAYFLY_JAVA_OPTS",
                "-Djdk.net.hosts.file=" + temp.resolve("hosts"),
                "MAYFLY_HOME",
                temp.resolve("profiles").toString());
        return net.client.call(() -> Command.run(environment, words));
    }
}
