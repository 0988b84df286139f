package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Party.End;
import org.mayfly.packaging.Party.Heard;
import org.mayfly.packaging.Party.Send;
import org.mayfly.packaging.Requests.Request;
import org.mayfly.packaging.Stage.Outcome;
import org.mayfly.packaging.Stage.Play;

/**
 * Who comes to the shared port meets with the very same as who comes to the backend itself: each conversation is had on both
 * ways, and every byte and the end of it are compared.
 */
final class ShareIT {
    static final int PORT = 443;
    private static final int STAGE = 7000;
    private static final int RELAYED = 7001;

    @TempDir
    private Path temp;

    private Network net;

    @BeforeEach
    void up() throws Exception {
        net = new Network();
    }

    @AfterEach
    void down() {
        net.close();
    }

    /** A configuration with that backend behind {@link #PORT}, and ssh to knock for. */
    static String shared(int backend, String more) {
        return """
                [listen]
                tcp = ["[::]:%d"]
                share = "127.0.0.1:%d"
                %s

                [quota]
                rate = 1000

                """.formatted(PORT, backend, more) + Layout.ROUTED.ssh("1m", "1h");
    }

    /** What can happen between any two, as both of them see it. */
    @Test
    void everyConversationIsTheSame() throws Exception {
        try (Stage stage = new Stage(net.server, STAGE);
                Mayflyd agent = Mayflyd.start(net.server, temp, shared(STAGE, ""))) {
            same(stage, Network.SERVER, PORT);
            assertEquals(0, agent.accepted(), "nobody knocked");
        }
    }

    /** A door that leads to a daemon elsewhere is made of the same. */
    @Test
    void andThroughADoorToo() throws Exception {
        String service = "[service.stage]\nport = %d\nrelay = \"127.0.0.1:%d\"\n\n".formatted(RELAYED, STAGE);
        try (Stage stage = new Stage(net.server, STAGE);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h") + service)) {
            same(stage, agent.enrol("alice").open(agent, net.client, "stage"), RELAYED);
        }
    }

    private void same(Stage stage, Ip6Address to, int port) throws Exception {
        List<String> different = new ArrayList<>();
        for (Play play : Plays.all()) {
            Outcome direct = stage.play(net.client, Network.SERVER, STAGE, play);
            assertNotEquals(End.NONE, direct.client().end(), () -> play + ": " + direct);
            assertNotEquals(End.NONE, direct.backend().end(), () -> play + ": " + direct);
            compare(play.name(), direct, stage.play(net.client, to, port, play), different);
        }
        assertEquals(0, stage.waiting(), "one connection to the backend for each");
        assertTrue(different.isEmpty(), () -> String.join("\n", different));
    }

    @Test
    void httpIsTheSame() throws Exception {
        same(Requests.http(), Nginx.HTTP, s -> s.replaceAll("Date: [^\r]*", "Date"));
    }

    @Test
    void tlsIsTheSame() throws Exception {
        same(Requests.https(), Nginx.HTTPS, s -> Requests.records(s.replaceAll("Date: [^\r]*", "Date")));
    }

    private void same(List<Request> requests, int backend, UnaryOperator<String> mask) throws Exception {
        List<String> different = new ArrayList<>();
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, shared(backend, ""))) {
            for (Request request : requests) {
                Heard direct = ask(request, backend, mask);
                Heard shared = ask(request, PORT, mask);
                assertNotEquals(End.NONE, direct.end(), () -> request + ": " + direct + nginx.accessLog());
                compare(request.name(), direct, shared, different);
            }
            assertEquals(0, agent.accepted(), "nobody knocked");
            Until.answer("nginx has no connection any more", Mayflyd.PATIENCE, () -> open(backend), String::isEmpty);
        }
        assertTrue(different.isEmpty(), () -> String.join("\n", different));
    }

    private Heard ask(Request request, int port, UnaryOperator<String> mask) throws Exception {
        Heard heard = Party.run(Stage.connect(net.client, Network.SERVER, port), request.steps());
        return new Heard(mask.apply(heard.octets()), heard.end()).shortened();
    }

    private String open(int port) throws Exception {
        return net.server.run("ss", "-Htn", "state", "connected", "exclude", "time-wait", "sport", "=", ":" + port);
    }

    /** A knock, the same again and one that is none: who sends it cannot tell which it was. */
    @Test
    void aKnockIsAnsweredAsAnythingElse() throws Exception {
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, shared(Nginx.HTTP, ""))) {
            Knocker alice = agent.enrol("alice");
            UnaryOperator<String> mask = s -> s.replaceAll("Date: [^\r]*", "Date");
            for (int i = 1; i <= 20; i++) {
                String packet = new String(alice.packet("ssh"), StandardCharsets.ISO_8859_1);
                Request knock = new Request("a knock", List.of(new Send(packet)));
                Heard direct = ask(knock, Nginx.HTTP, mask);
                assertEquals(i - 1, agent.accepted(), "nginx keeps it to itself");
                Heard genuine = ask(knock, PORT, mask);
                int expected = i;
                Until.holds("it is accepted", Mayflyd.PATIENCE, () -> agent.accepted() == expected);
                Heard replayed = ask(knock, PORT, mask);
                assertEquals(direct, genuine, nginx::accessLog);
                assertEquals(direct, replayed, nginx::accessLog);
            }
            assertEquals(20, agent.accepted(), "a replay is none");
            assertEquals(20, agent.metric("mayfly_knocks_refused_nonce_total"));
        }
    }

    private static void compare(String name, Object direct, Object shared, List<String> different) {
        if (!direct.equals(shared)) {
            different.add(name + "\n  direct " + direct + "\n  not so " + shared);
        }
    }
}
