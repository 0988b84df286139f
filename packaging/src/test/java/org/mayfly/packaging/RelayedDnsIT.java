package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;

/** A name server (BIND) that knows of 127.0.0.1 only answers through a door, and dig takes the answer for the door's. */
final class RelayedDnsIT {
    private static final int DNS = 53;
    private static final int TARGET = 5300;

    private static final String NAMED = """
            options {
                directory "%1$s";
                listen-on port 5300 { 127.0.0.1; };
                listen-on-v6 { none; };
                recursion no;
                dnssec-validation no;
                max-udp-size 4096;
                pid-file none;
                session-keyfile none;
            };
            controls {};
            zone "test" { type primary; file "test.zone"; };
            """;

    /** Of the text no UDP datagram of an Ethernet has room for. */
    private static final String ZONE = """
            $TTL 300
            @        SOA   ns hostmaster 1 3600 600 86400 300
                     NS    ns
            ns       A     192.0.2.1
            web      A     192.0.2.80
            long     TXT   %s
            """.formatted(("\"" + "x".repeat(200) + "\" ").repeat(15));

    private static final String SERVICE = """
            [service.dns]
            protocol = "udp"
            port = %d
            lease = "1m"
            relay = "127.0.0.1:%d"
            relay-idle = "2s"

            """.formatted(DNS, TARGET);

    @TempDir
    private Path temp;

    private Network net;
    private Process named;

    @BeforeEach
    void up() throws Exception {
        net = new Network();
        Files.writeString(temp.resolve("named.conf"), NAMED.formatted(temp));
        Files.writeString(temp.resolve("test.zone"), ZONE);
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec named -g -4 -c \"$0/named.conf\"",
                        temp.toString())
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("named.out").toFile());
        named = net.server.call(builder::start);
        Until.holds("named listens", Duration.ofSeconds(20), () -> net.server
                .run("ss", "-Hluno", "sport", "=", ":" + TARGET)
                .contains("127.0.0.1"));
    }

    @AfterEach
    void down() {
        named.destroyForcibly().onExit().join();
        net.close();
    }

    private Command dig(Host from, Ip6Address door, String... question) throws Exception {
        List<String> words = new ArrayList<>(
                List.of("dig", "-6", "@" + door, "+short", "+tries=1", "+time=2", "+ignore", "+bufsize=4096"));
        words.addAll(List.of(question));
        return from.call(() -> Command.run(words.toArray(String[]::new)));
    }

    @ParameterizedTest
    @EnumSource
    void answersThroughADoor(Layout layout) throws Exception {
        try (Mayflyd agent =
                Mayflyd.start(net.server, Files.createDirectory(temp.resolve("agent")), layout.door() + SERVICE)) {
            assertEquals(9, dig(net.client, Network.SERVER, "web.test", "A").status(), "no answer without a knock");
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "dns");
            Until.answer(
                    "an answer",
                    Duration.ofSeconds(20),
                    () -> dig(net.client, door, "web.test", "A").out(),
                    "192.0.2.80\n"::equals);
            assertEquals(9, dig(net.client2, door, "web.test", "A").status(), "nobody else");
            for (int i = 0; i < 20; i++) {
                assertEquals(
                        "192.0.2.80\n", dig(net.client, door, "web.test", "A").out());
            }
            String text = dig(net.client, door, "long.test", "TXT").out();
            assertEquals(15, text.split("x{200}", -1).length - 1, text);
            assertTrue(agent.metric("mayfly_flow_flows_total") >= 22, "one for each of dig's sockets");
            Until.holds(
                    "flows that are silent end", Duration.ofSeconds(20), () -> agent.metric("mayfly_flow_open") == 0);

            agent.done("revoke", "--all");
            assertEquals(9, dig(net.client, door, "web.test", "A").status(), "revoked");
        }
    }
}
