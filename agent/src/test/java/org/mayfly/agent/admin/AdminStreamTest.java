package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is answered without an end, on real sockets: to who reads, who does not, and who goes away. */
@Timeout(60)
class AdminStreamTest extends ServedTest {
    private static final String MONITOR = "{\"command\":\"monitor\"}\n";
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    /** Those that were begun. */
    private final BlockingQueue<AdminStream> streams = new LinkedBlockingQueue<>();

    private final class Telling implements AdminHandler {
        @Override
        public CompletionStage<JsonElement> handle(AdminRequest request, Peer peer) {
            return echo(request, peer);
        }

        @Override
        public void follow(AdminRequest request, Peer peer, AdminStream stream) {
            stream.put(event("watching"));
            streams.add(stream);
        }
    }

    private static EventAnswer event(String name) {
        return EventAnswer.of(NOW, name, null, null);
    }

    private static void assertTold(String name, JsonObject answer) {
        assertTrue(answer.get("ok").getAsBoolean(), answer::toString);
        assertTrue(answer.get("more").getAsBoolean(), answer::toString);
        assertEquals(name, answer.getAsJsonObject("result").get("event").getAsString());
    }

    @Test
    void tellsEachThatListensOnItsOwn() throws Exception {
        serve(new Telling(), AdminServer.PATIENCE);
        Wire one = connect().send(MONITOR);
        AdminStream first = streams.take();
        Wire two = connect().send(MONITOR);
        AdminStream second = streams.take();
        assertTold("watching", one.answer());
        assertTold("watching", two.answer());
        assertTrue(first.put(event("a")));
        assertTrue(second.put(event("b")));
        assertTrue(first.put(event("c")));
        assertTold("a", one.answer());
        assertTold("c", one.answer());
        assertTold("b", two.answer());
    }

    @Test
    void isNotHungUpOnForSayingNothingAndAnswersNothingElse() throws Exception {
        serve(new Telling(), Duration.ofMillis(300));
        Wire wire = connect().send(MONITOR + STATUS);
        AdminStream stream = streams.take();
        assertTold("watching", wire.answer());
        assertRefused(2, "the request did not come in time", connect().answer());
        assertRefused(2, "the request did not come in time", connect().answer());
        stream.put(event("late"));
        assertTold("late", wire.answer());
        assertEquals(0, asked.size());
    }

    /** As {@code echo … | socat - UNIX-CONNECT:…} does: it has no more to ask, and still listens. */
    @Test
    void goesOnAfterTheEndOfRequests() throws Exception {
        serve(new Telling(), AdminServer.PATIENCE);
        Wire wire = connect().send(MONITOR).endOfRequests();
        AdminStream stream = streams.take();
        assertTold("watching", wire.answer());
        for (int i = 0; i < 3; i++) {
            assertTrue(stream.put(event("x" + i)));
            assertTold("x" + i, wire.answer());
        }
    }

    @Test
    void hearsThatTheListenerHungUp() throws Exception {
        serve(new Telling(), AdminServer.PATIENCE);
        Wire wire = connect().send(MONITOR);
        AdminStream stream = streams.take();
        wire.answer();
        wire.close();
        while (stream.isOpen()) {
            assertAnswered("status", connect().send(STATUS).answer()); // a turn of the server, not a wait
        }
        assertFalse(stream.put(event("to nobody")));
    }

    /** Whoever does not read costs a queue of so many events, holds nobody up, and is told how many it missed. */
    @Test
    void doesNotWaitForAListenerWhoDoesNotRead() throws Exception {
        int all = 200_000;
        serve(new Telling(), AdminServer.PATIENCE);
        Wire deaf = connect().send(MONITOR);
        AdminStream stream = streams.take();
        for (int i = 0; i < all; i++) {
            assertTrue(stream.put(EventAnswer.of(NOW, "tick", null, Integer.toString(i))));
        }
        assertAnswered("status", connect().send(STATUS).answer());
        assertTold("watching", deaf.answer());
        long lost = 0;
        int told = 0;
        int next = 0;
        while (next < all) {
            JsonObject event = deaf.answer().getAsJsonObject("result");
            if (event.get("event").getAsString().equals("lost")) {
                assertEquals(NOW.toString(), event.get("time").getAsString());
                lost += event.get("count").getAsLong();
                next += event.get("count").getAsInt();
            } else {
                assertEquals(next, event.get("message").getAsInt(), "in their order, the gap where it was");
                told++;
                next++;
            }
        }
        assertEquals(all, next);
        assertTrue(lost > all / 2, "what waits is bounded; lost " + lost + ", told " + told);
        stream.put(event("again"));
        assertTold("again", deaf.answer());
    }

    @Test
    void wakesTheServerOnceForManyEvents() {
        List<String> woken = new ArrayList<>();
        AdminStream stream = new AdminStream(() -> woken.add("woken"));
        for (int i = 0; i < AdminStream.LONGEST + 7; i++) {
            stream.put(event("x"));
        }
        assertEquals(1, woken.size());
        long lines = 0;
        String last = "";
        for (String some = stream.lines(); !some.isEmpty(); some = stream.lines()) {
            lines += some.lines().count();
            last = some;
        }
        assertEquals(AdminStream.LONGEST + 1, lines);
        assertTrue(last.contains("\"count\":7"), last);
        stream.put(event("y"));
        assertEquals(2, woken.size());
    }

    @Test
    void leavesRoomForThoseWhoAsk() throws Exception {
        serve(new Telling(), AdminServer.PATIENCE);
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < AdminServer.MONITORS; i++) {
            Wire wire = connect().send(MONITOR);
            assertTold("watching", wire.answer());
            wires.add(wire);
        }
        Wire one = connect().send(MONITOR);
        assertRefused(1, "the agent is monitored by as many as may; end one of them, and try again", one.answer());
        assertAnswered("status", one.send(STATUS).answer());
        AdminStream first = streams.take();
        wires.get(0).close();
        while (first.isOpen()) {
            assertAnswered("status", one.send(STATUS).answer());
        }
        assertTold("watching", one.send(MONITOR).answer());
    }

    @Test
    void saysWhenTheAgentStops() throws Exception {
        AdminServer server = AdminServer.start(path, null, new Telling());
        Wire wire = connect().send(MONITOR);
        AdminStream stream = streams.take();
        stream.put(event("last"));
        server.close();
        assertTold("watching", wire.answer());
        assertTold("last", wire.answer());
        assertRefused(1, "the agent stops; monitor again once it runs", wire.answer());
        assertNull(wire.line());
        assertFalse(stream.put(event("to nobody")));
    }

    @Test
    void theClientTakesUntilItHasEnough() throws Exception {
        serve(new Telling(), AdminServer.PATIENCE);
        List<String> told = new ArrayList<>();
        new AdminClient(path).follow(AdminCommand.MONITOR, new JsonObject(), result -> {
            told.add(result.getAsJsonObject().get("event").getAsString());
            streams.element().put(event("x" + told.size()));
            return told.size() < 4;
        });
        assertEquals(List.of("watching", "x1", "x2", "x3"), told);
    }

    @Test
    void theClientSaysWhatBecameOfTheConnection() throws Exception {
        serve((request, peer) -> echo(request, peer), AdminServer.PATIENCE);
        AdminException refused = assertThrows(AdminException.class, () -> new AdminClient(path)
                .follow(AdminCommand.MONITOR, new JsonObject(), result -> true));
        assertEquals(1, refused.status());
        assertEquals("this agent tells of nothing as it happens; ask for: status", refused.getMessage());
    }
}
