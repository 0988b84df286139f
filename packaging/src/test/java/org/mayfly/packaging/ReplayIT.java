package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** A knock counts once, whoever sends it again, from wherever, and whatever happened to the agent in between. */
final class ReplayIT {
    private static final int REPLAYS = 1000;
    private static final int SOURCES = 20;

    @TempDir
    private Path temp;

    private Network net;
    private Judge judge;

    @BeforeEach
    void up() throws Exception {
        net = new Network(22);
        judge = new Judge(net, Layout.ON_LINK);
    }

    @AfterEach
    void down() {
        net.close();
    }

    @Test
    void aThousandReplaysOpenNothingBeforeAndAfterEveryKindOfRestart() throws Exception {
        try (Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("2s", "1h"))) {
            Knocker alice = agent.enrol("alice");
            byte[] packet = alice.packet("ssh");
            alice.send(net.client, packet);
            Until.holds("a door", Mayflyd.PATIENCE, () -> judge.permits(Network.CLIENT, alice.door(packet)));
            Until.holds("its end", Mayflyd.PATIENCE, judge::shut);
            List<InetAddress> sources = net.spoofed(SOURCES);

            replay(agent, alice, packet, sources);

            assertEquals(0, agent.stop());
            agent.start();
            assertReady(agent);
            replay(agent, alice, packet, sources);

            agent.kill9();
            agent.start();
            assertReady(agent);
            replay(agent, alice, packet, sources);

            Ip6Address door = alice.open(agent, net.client, "ssh");
            assertEquals(Met.IN, Session.attempt(net.client, door, 22), "a new knock works at once");
        }
    }

    /** Each source uses several ports, and one is that of the client itself. */
    private void replay(Mayflyd agent, Knocker knocker, byte[] packet, List<InetAddress> sources) throws Exception {
        long accepted = agent.accepted();
        long packets = agent.packets();
        int burst = REPLAYS / (sources.size() * 2);
        for (int round = 0; round < 2; round++) {
            for (InetAddress source : sources) {
                Knocker.send(net.client2, source, knocker.listener(), Collections.nCopies(burst - 1, packet));
                Knocker.send(net.client, null, knocker.listener(), List.of(packet));
            }
        }
        Until.answer("all are counted", Mayflyd.PATIENCE, agent::packets, n -> n == packets + REPLAYS);
        assertEquals(accepted, agent.accepted());
        assertTrue(judge.shut());
    }

    @ParameterizedTest
    @ValueSource(strings = {"deleted", "damaged"})
    void whereMarksWereLostAWindowIsWaitedAndTheReplayStaysOut(String what) throws Exception {
        String window = "[knock]\nwindow = \"4s\"\n\n";
        try (Mayflyd agent = Mayflyd.start(net.server, temp, window + Layout.ON_LINK.ssh("1s", "1h"))) {
            assertReady(agent); // a new server: there is nothing to replay
            Knocker alice = agent.enrol("alice");
            byte[] packet = alice.packet("ssh");
            alice.send(net.client, packet);
            Until.holds("it counts once", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
            assertEquals(0, agent.stop());
            lose(what);
            int said = agent.log().length();

            agent.start();

            assertNotNull(refusingUntil(agent), agent::log);
            byte[] early = alice.packet("ssh");
            alice.send(net.client, early);
            alice.send(net.client2, packet);
            Until.answer("both are counted", Mayflyd.PATIENCE, agent::packets, n -> n == 2);
            String log = agent.log().substring(said);
            assertTrue(log.contains("replay marks") && log.contains("every knock is refused for 4 s"), log);
            assertEquals(2, agent.metric("mayfly_knocks_refused_not_ready_total"));
            Until.holds("the wait is over", Mayflyd.PATIENCE, () -> refusingUntil(agent) == null);
            alice.send(net.client2, packet);
            alice.send(net.client2, early);
            Until.answer("both are counted", Mayflyd.PATIENCE, agent::packets, n -> n == 4);
            assertEquals(0, agent.accepted());
            assertTrue(judge.shut());
            alice.open(agent, net.client, "ssh");
        }
    }

    private static @Nullable JsonElement refusingUntil(Mayflyd agent) {
        JsonElement until = agent.status().get("refusing_until");
        return until == null || until.isJsonNull() ? null : until;
    }

    private static void assertReady(Mayflyd agent) {
        assertNull(refusingUntil(agent), "marks survive: nothing is waited for");
    }

    private void lose(String what) throws Exception {
        Path marks = temp.resolve("state").resolve("marks");
        if (what.equals("deleted")) {
            Files.delete(marks);
            return;
        }
        byte[] bytes = Files.readAllBytes(marks);
        for (int i = 0; i < bytes.length; i++) { // every check word is then wrong
            bytes[i] ^= 0x55;
        }
        Files.write(marks, bytes);
    }

    /** The source stands inside what is sealed, so whoever is on the way and quicker gains nothing. */
    @Test
    void aKnockThatIsForwardedByAnAttackerLetsInTheClientAlone() throws Exception {
        try (Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("1m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            byte[] packet = alice.packet("ssh", Network.CLIENT);
            Ip6Address door = alice.door(packet);

            alice.send(net.client2, packet);
            Until.holds("the forwarded one counts", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
            alice.send(net.client, packet);
            Until.answer("the original came late", Mayflyd.PATIENCE, agent::packets, n -> n == 2);

            assertEquals(1, agent.accepted());
            assertTrue(judge.permits(Network.CLIENT, door));
            assertFalse(judge.permits(Network.CLIENT2, door));
            assertEquals(1, judge.permits().size());
            assertEquals(Met.SILENCE, Session.attempt(net.client2, door, 22));
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
        }
    }
}
