package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server does not put up with. */
@Timeout(60)
class AdminServerLimitsTest extends ServedTest {
    @Test
    void takesARequestOfTheGreatestLength() throws Exception {
        serve();
        String request = STATUS.strip() + " ".repeat(AdminConnection.LONGEST_REQUEST - STATUS.length() + 1);
        assertAnswered("status", connect().send(request + "\n").answer());
    }

    @Test
    void refusesALongerOneAndHangsUp() throws Exception {
        serve();
        Wire wire = connect().send(" ".repeat(AdminConnection.LONGEST_REQUEST + 1));
        assertRefused(2, "the request is longer than 65536 bytes", wire.answer());
        assertAnswered("status", connect().send(STATUS).answer());
    }

    @Test
    void doesNotWaitForASlowSender() throws Exception {
        serve(this::echo, Duration.ofMillis(500));
        Wire slow = connect().send("{\"comm");
        assertRefused(2, "the request did not come in time", slow.answer());
        assertNull(slow.line());
        assertAnswered("status", connect().send(STATUS).answer());
    }

    @Test
    void hangsUpOnOneWhoSaysNothing() throws Exception {
        serve(this::echo, Duration.ofMillis(500));
        assertRefused(2, "the request did not come in time", connect().answer());
        Wire served = connect().send(STATUS);
        served.answer();
        assertNull(served.line());
    }

    @Test
    void doesNotWaitForAReaderWhoDoesNotRead() throws Exception {
        JsonElement large = new JsonPrimitive("x".repeat(4_000_000));
        serve((request, peer) -> CompletableFuture.completedFuture(large), Duration.ofMillis(500));
        Wire deaf = connect().send(STATUS);
        Wire other = connect().send(STATUS);
        assertEquals(large, other.answer().get("result"));
        assertAnswered(large.getAsString(), connect().send(STATUS).answer());
        // The deaf one is hung up on in the middle of its answer, at the latest with the deadline of another.
        assertRefused(2, "the request did not come in time", connect().answer());
        assertRefused(2, "the request did not come in time", connect().answer());
        assertThrows(RuntimeException.class, deaf::answer);
    }

    @Test
    void saysWhenTheAgentIsTooSlow() throws Exception {
        CompletableFuture<JsonElement> never = new CompletableFuture<>();
        serve((request, peer) -> never, Duration.ofMillis(500));
        Wire wire = connect().send(STATUS);
        assertRefused(1, "the agent is too busy to answer in time; see its log, and try again", wire.answer());
        never.complete(new JsonPrimitive("late"));
        assertNull(wire.line());
    }

    @Test
    void turnsTheSeventeenthAway() throws Exception {
        serve();
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < AdminServer.CONNECTIONS; i++) {
            Wire wire = connect();
            assertAnswered("status", wire.send(STATUS).answer());
            wires.add(wire);
        }
        assertRefused(
                1,
                "the agent has too many admin connections; try again in a moment",
                connect().answer());
        AdminException refused = assertThrows(
                AdminException.class, () -> new AdminClient(path).call(AdminCommand.STATUS, new JsonObject()));
        assertEquals("the agent has too many admin connections; try again in a moment", refused.getMessage());
        assertAnswered(
                "leases", wires.get(15).send("{\"command\":\"leases\"}\n").answer());
        // The agent sees the end of that one before it accepts what comes after it.
        wires.get(3).endOfRequests();
        assertNull(wires.get(3).line());
        assertAnswered("status", connect().send(STATUS).answer());
    }

    @Test
    void leavesNothingBehind() throws Exception {
        AdminServer server = AdminServer.start(path, null, this::echo);
        askAndLeave(1); // The JDK makes a socket for itself at the first close.
        long before = socketsWhileOneIsServed();
        askAndLeave(200);
        assertEquals(before, socketsWhileOneIsServed());
        server.close();
        assertFalse(Files.exists(path));
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(), left.toList());
        }
        assertEquals(
                before - 3, sockets(), "the one that listened is closed, and both ends of the one that was served");
    }

    /** Who is served knows that the one before is quite gone: it hears of its end a moment before the descriptor goes. */
    private long socketsWhileOneIsServed() throws IOException {
        try (Wire wire = new Wire(path)) {
            wire.send(STATUS).answer();
            return sockets();
        }
    }

    private void askAndLeave(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (Wire wire = new Wire(path)) {
                wire.send(STATUS).answer();
                wire.endOfRequests();
                assertNull(wire.line());
            }
        }
    }

    private static long sockets() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                count += isSocket(each) ? 1 : 0;
            }
        }
        return count;
    }

    private static boolean isSocket(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (NoSuchFileException e) {
            return false; // That was the one the directory was read by.
        }
    }
}
