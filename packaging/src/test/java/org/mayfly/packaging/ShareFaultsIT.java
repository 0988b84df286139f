package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Party.End;
import org.mayfly.packaging.Party.Hear;
import org.mayfly.packaging.Party.Heard;
import org.mayfly.packaging.Party.Leave;
import org.mayfly.packaging.Party.Send;

/** A knock at the shared port opens a door, whatever has become of the backend and whoever else is there. */
final class ShareFaultsIT {
    private static final int CROWD = 10_000;
    private static final int KNOCKS = 50;

    /** Many times what a knock takes. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final List<Party.Step> GET =
            List.of(new Send("GET / HTTP/1.0\r\n\r\n"), new Hear("like any other</title>\n"), new Leave());

    @TempDir
    private Path temp;

    private Network net;

    @BeforeEach
    void up() throws Exception {
        net = new Network(22);
    }

    @AfterEach
    void down() {
        net.close();
    }

    private SocketChannel connect() throws Exception {
        return Stage.connect(net.client, Network.SERVER, ShareIT.PORT);
    }

    /** Knocks on a connection of its own, and goes in. */
    private void knock(Mayflyd agent, Knocker knocker) throws Exception {
        byte[] packet = knocker.packet("ssh");
        long before = agent.accepted();
        net.client.call(() -> {
            try (Socket s = new Socket()) {
                s.connect(new InetSocketAddress(Network.SERVER.toInetAddress(), ShareIT.PORT), (int) SOON.toMillis());
                s.getOutputStream().write(packet);
                Until.holds("it is accepted", SOON, () -> agent.accepted() == before + 1);
            }
            return packet;
        });
        assertEquals(Session.Met.IN, Session.attempt(net.client, knocker.door(packet), 22));
    }

    /** With more of them than there may be connections: they make room for each other, and nobody else does. */
    @ParameterizedTest
    @ValueSource(strings = {"", "G"})
    void amongTenThousandWhoSayNextToNothing(String said) throws Exception {
        String configuration = ShareIT.shared(Nginx.HTTP, "") + "[relay]\nlimit = 4000\n\n";
        List<SocketChannel> crowd = new ArrayList<>();
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Knocker alice = agent.enrol("alice");
            SocketChannel talker = connect();
            talker.write(StandardCharsets.ISO_8859_1.encode("GET /"));
            nginx.signal("STOP"); // else it would end them all after two seconds
            for (int i = 0; i < CROWD; i++) {
                SocketChannel one = Stage.connect(net.client2, Network.SERVER, ShareIT.PORT);
                one.write(StandardCharsets.ISO_8859_1.encode(said));
                crowd.add(one);
                if (i % (CROWD / KNOCKS) == 0) {
                    knock(agent, alice);
                }
            }
            knock(agent, alice);
            Ip6Address door = alice.open(agent, net.client, "ssh");
            assertEquals(Session.Met.IN, Session.attempt(net.client, door, 22), "and who knocks by UDP");
            nginx.signal("CONT");
            assertEquals(End.OWN, Party.run(connect(), GET).end(), "and who wants the backend");
            assertEquals(End.FIN, Party.run(talker, List.of()).end(), "nginx waited two seconds for its request");
            assertTrue(agent.log().lines().count() < 60, agent::log);
        } finally {
            for (SocketChannel each : crowd) {
                each.close();
            }
        }
    }

    @Test
    void whileTheBackendIsSlow() throws Exception {
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(Nginx.HTTP, ""))) {
            Knocker alice = agent.enrol("alice");
            nginx.signal("STOP");
            SocketChannel waiting = connect();
            waiting.write(StandardCharsets.ISO_8859_1.encode("GET / HTTP/1.0\r\n"));
            for (int i = 0; i < 5; i++) {
                knock(agent, alice);
            }
            nginx.signal("CONT");
            Heard heard = Party.run(waiting, List.of(new Send("\r\n"), new Hear("like any other"), new Leave()));
            assertEquals(End.OWN, heard.end(), "what was sent meanwhile has arrived");
        }
    }

    /** Who comes meanwhile is reset, knock or not; and who comes later finds the backend. */
    @Test
    void whileTheBackendIsDown() throws Exception {
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(Nginx.HTTP, ""))) {
            Knocker alice = agent.enrol("alice");
            assertEquals(End.OWN, Party.run(connect(), GET).end());
            nginx.stop();
            assertEquals(End.RESET, Party.run(connect(), List.of()).end());
            for (int i = 0; i < 20; i++) {
                knock(agent, alice);
            }
            nginx.start();
            assertEquals(End.OWN, Party.run(connect(), GET).end());
            assertTrue(agent.log().lines().count() < 60, agent::log);
        }
    }

    /** Nobody answers there, not even with a reset: a connection attempt takes its time. */
    @Test
    void whileTheBackendCannotBeReached() throws Exception {
        net.router.run("ip", "route", "add", "blackhole", "203.0.113.0/24");
        String configuration =
                ShareIT.shared(Nginx.HTTP, "").replace("127.0.0.1:" + Nginx.HTTP, "203.0.113.1:" + Nginx.HTTP);
        try (Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Knocker alice = agent.enrol("alice");
            for (int i = 0; i < 10; i++) {
                knock(agent, alice);
            }
        }
    }

    /** What the agent's end means for who is connected: the end, and nothing half open is left behind. */
    @Test
    void whenTheAgentIsKilledBothSidesHearOfIt() throws Exception {
        try (Stage stage = new Stage(net.server, 7000);
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(7000, ""))) {
            SocketChannel client = connect();
            client.write(StandardCharsets.ISO_8859_1.encode("hello"));
            SocketChannel backend = stage.next();
            agent.kill9();
            Heard there = Party.run(backend, List.of(new Hear("hello")));
            assertTrue(there.end() == End.FIN || there.end() == End.RESET, there::toString);
            Heard here = Party.run(client, List.of());
            assertTrue(here.end() == End.FIN || here.end() == End.RESET, here::toString);
            agent.start();
            SocketChannel again = connect();
            again.write(StandardCharsets.ISO_8859_1.encode("again"));
            assertEquals(
                    "again",
                    Party.run(stage.next(), List.of(new Hear("again"), new Leave()))
                            .octets());
            again.close();
        }
    }
}
