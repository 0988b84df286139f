package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdminServerTest extends ServedTest {
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
}
