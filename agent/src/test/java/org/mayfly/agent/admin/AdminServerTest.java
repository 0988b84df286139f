package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdminServerTest {
    private static final String STATUS = "{\"command\":\"status\"}\n";

    @TempDir
    Path directory;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final BlockingQueue<AdminRequest> asked = new LinkedBlockingQueue<>();
    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("control.sock");
    }

    @AfterEach
    void closeAll() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    /** Answers with the command's name. */
    private CompletionStage<JsonElement> echo(AdminRequest request, Peer peer) {
        asked.add(request);
        return CompletableFuture.completedFuture(
                new JsonPrimitive(request.command().word()));
    }

    private void serve(AdminHandler handler, Duration patience) throws IOException {
        open.push(AdminServer.start(path, null, handler, patience));
    }

    private void serve() throws IOException {
        serve(this::echo, AdminServer.PATIENCE);
    }

    private Wire connect() throws IOException {
        Wire wire = new Wire(path);
        open.push(wire);
        return wire;
    }

    private static void assertRefused(int status, String error, JsonObject answer) {
        assertFalse(answer.get("ok").getAsBoolean());
        assertEquals(status, answer.get("status").getAsInt());
        assertEquals(error, answer.get("error").getAsString());
    }

    private static void assertAnswered(String result, JsonObject answer) {
        assertTrue(answer.get("ok").getAsBoolean(), answer::toString);
        assertEquals(result, answer.get("result").getAsString());
    }

    @Test
    void answersOneRequestAfterTheOtherOnOneConnection() throws Exception {
        serve();
        Wire wire = connect();
        assertAnswered("status", wire.send(STATUS).answer());
        assertAnswered(
                "leases",
                wire.send("{\"command\":\"leases\",\"arguments\":{}}\n").answer());
    }

    @Test
    void answersRequestsThatCameTogetherInTheirOrder() throws Exception {
        serve();
        Wire wire = connect().send(STATUS + "nonsense\n{\"command\":\"rules\"}\n");
        assertAnswered("status", wire.answer());
        assertEquals(2, wire.answer().get("status").getAsInt());
        assertAnswered("rules", wire.answer());
    }

    /** Ten thousand empty lines in a packet are ten thousand bad requests, and no deep recursion. */
    @Test
    void takesManyBadLinesAtOnce() throws Exception {
        serve();
        Wire wire = connect();
        Thread sender = new Thread(() -> {
            try {
                wire.send("\n".repeat(10_000) + STATUS);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        sender.start();
        for (int i = 0; i < 10_000; i++) {
            assertEquals(2, wire.answer().get("status").getAsInt());
        }
        assertAnswered("status", wire.answer());
        sender.join();
    }

    @Test
    void takesALastRequestWithoutItsLineEnd() throws Exception {
        serve();
        Wire wire = connect().send(STATUS.strip()).endOfRequests();
        assertAnswered("status", wire.answer());
        assertNull(wire.line());
    }

    @Test
    void givesArgumentsAndThePeer() throws Exception {
        BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();
        serve(
                (request, peer) -> {
                    peers.add(peer);
                    return echo(request, peer);
                },
                AdminServer.PATIENCE);
        connect()
                .send(
                        "{\"command\":\"permit\",\"arguments\":{\"client\":\"laptop\",\"service\":\"ssh\",\"lease\":null}}\n")
                .answer();
        AdminRequest request = asked.take();
        assertEquals(AdminCommand.PERMIT, request.command());
        assertEquals("laptop", request.text("client"));
        assertNull(request.optionalText("source"));
        assertNull(request.optionalText("lease"));
        Peer peer = peers.take();
        assertEquals(ProcessHandle.current().pid(), peer.pid());
        assertEquals(((Integer) Files.getAttribute(path, "unix:uid")).longValue(), peer.uid());
        assertTrue(peer.writes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "status",
                "[]",
                "{",
                "{\"command\":\"status\"} x",
                "{'command':'status'}",
                "{\"command\":7}",
                "{\"command\":\"open\"}",
                "{\"command\":\"status\",\"arguments\":7}",
                "{\"command\":\"status\",\"arguments\":{\"x\":1}}",
                "\u0000",
                "{\"command\":\"status\",\"arguments\":"
            })
    void refusesWhatIsNoRequestAndGoesOn(String line) throws Exception {
        serve();
        Wire wire = connect();
        JsonObject answer = wire.send(line + "\n").answer();
        assertFalse(answer.get("ok").getAsBoolean());
        assertEquals(2, answer.get("status").getAsInt());
        assertAnswered("status", wire.send(STATUS).answer());
    }

    @Test
    void refusesBottomlessNesting() throws Exception {
        serve();
        JsonObject answer = connect().send("[".repeat(60_000) + "\n").answer();
        assertEquals(2, answer.get("status").getAsInt());
        assertAnswered("status", connect().send(STATUS).answer());
    }

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
    void tellsWhatTheHandlerRefusesAndHidesItsFaults() throws Exception {
        Deque<CompletionStage<JsonElement>> stages = new ArrayDeque<>(List.of(
                CompletableFuture.failedFuture(new AdminException(2, "no such client;\n  see: mayflyctl clients")),
                CompletableFuture.<JsonElement>failedFuture(new AdminException(1, "wrapped"))
                        .thenApply(x -> x),
                CompletableFuture.failedFuture(new IllegalStateException("k=secret")),
                CompletableFuture.completedFuture(new JsonPrimitive("fine"))));
        serve(
                (request, peer) -> {
                    if (request.command() == AdminCommand.RULES) {
                        throw new IllegalArgumentException("k=secret");
                    }
                    return stages.remove();
                },
                AdminServer.PATIENCE);
        Wire wire = connect();
        assertRefused(
                2, "no such client; see: mayflyctl clients", wire.send(STATUS).answer());
        assertRefused(1, "wrapped", wire.send(STATUS).answer());
        assertRefused(
                1, "the agent had a fault; its log says more", wire.send(STATUS).answer());
        assertRefused(
                1,
                "the agent had a fault; its log says more",
                wire.send("{\"command\":\"rules\"}\n").answer());
        assertAnswered("fine", wire.send(STATUS).answer());
    }

    @Test
    void goesOnWhenAPeerHangsUpBeforeItsAnswer() throws Exception {
        BlockingQueue<CompletableFuture<JsonElement>> pending = new LinkedBlockingQueue<>();
        serve(
                (request, peer) -> {
                    CompletableFuture<JsonElement> stage = new CompletableFuture<>();
                    pending.add(stage);
                    return stage;
                },
                AdminServer.PATIENCE);
        Wire gone = connect().send(STATUS);
        CompletableFuture<JsonElement> first = pending.take();
        gone.close();
        first.complete(new JsonPrimitive("to nobody"));
        Wire wire = connect().send(STATUS);
        pending.take().complete(new JsonPrimitive("to you"));
        assertAnswered("to you", wire.answer());
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
        long before = sockets();
        askAndLeave(200);
        assertEquals(before, sockets());
        server.close();
        assertFalse(Files.exists(path));
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(), left.toList());
        }
        assertEquals(before - 1, sockets(), "the one that listened is closed");
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
