package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.packaging.Session.Met;

/**
 * A server at home: its provider gives it another prefix, its name leads to the new address, and who was enrolled
 * before knocks as ever.
 */
final class FollowIT {
    private static final String NAME = "server.test";
    private static final String OLD = "2001:db8:3::2";
    private static final String NEW = "2001:db8:5::2";

    private static final String CONFIGURATION = """
            [door]
            interface = "eth0"

            [host]
            name = "server.test"

            """ + Layout.service("ssh", 22, "1m", "1h", "closed");

    @TempDir
    private Path temp;

    @Test
    void whoWasEnrolledBeforeTheMoveFindsTheDoorsAfterIt() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            String uri = agent.done("client", "add", "alice");
            assertEquals(64, Enrolment.parse(uri).follow());
            enroll(net, uri);
            nameLeadsTo(OLD);
            comesIn(net, "2001:db8:3::/64");

            assertEquals(0, agent.stop());
            move(net);
            agent.start();

            nameLeadsTo(NEW);
            comesIn(net, "2001:db8:5::/64");
            nameLeadsTo(OLD, NEW); // the old one is in the name service still, and comes first
            comesIn(net, "2001:db8:5::/64");
        }
    }

    private static void move(Network net) throws Exception {
        net.router.address("2001:db8:5::1/64", "to-server");
        net.server.address(NEW + "/64", "eth0");
        net.server.run("ip", "route", "replace", "default", "via", "2001:db8:5::1");
        net.server.run("ip", "address", "del", OLD + "/64", "dev", "eth0");
        net.router.run("ip", "address", "del", "2001:db8:3::1/64", "dev", "to-server");
    }

    private void comesIn(Network net, String prefix) throws Exception {
        Command knock = mayfly(net, "knock", "lab", "--wait", "20s", "--json");
        assertEquals(0, knock.status(), knock::toString);
        JsonObject json = JsonParser.parseString(knock.out()).getAsJsonObject();
        Ip6Address door = Ip6Address.parse(json.get("door").getAsString());
        JsonArray candidates = json.getAsJsonArray("candidates");
        assertTrue(Ip6Prefix.parse(prefix).contains(door), () -> door + " of " + candidates);
        assertEquals(Met.IN, Session.attempt(net.client, door, 22));
        assertEquals(Met.SILENCE, Session.attempt(net.client2, door, 22));
    }

    private void nameLeadsTo(String... addresses) throws Exception {
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
