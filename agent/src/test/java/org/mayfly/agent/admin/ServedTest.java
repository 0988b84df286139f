package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server on a socket of its own, and those who connect to it. */
abstract class ServedTest {
    static final String STATUS = "{\"command\":\"status\"}\n";

    @TempDir
    Path directory;

    final Deque<AutoCloseable> open = new ArrayDeque<>();
    final BlockingQueue<AdminRequest> asked = new LinkedBlockingQueue<>();
    Path path;

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
    CompletionStage<JsonElement> echo(AdminRequest request, Peer peer) {
        asked.add(request);
        return CompletableFuture.completedFuture(
                new JsonPrimitive(request.command().word()));
    }

    void serve(AdminHandler handler, Duration patience) throws IOException {
        open.push(AdminServer.start(path, null, handler, patience));
    }

    void serve() throws IOException {
        serve(this::echo, AdminServer.PATIENCE);
    }

    Wire connect() throws IOException {
        Wire wire = new Wire(path);
        open.push(wire);
        return wire;
    }

    static void assertRefused(int status, String error, JsonObject answer) {
        assertFalse(answer.get("ok").getAsBoolean());
        assertEquals(status, answer.get("status").getAsInt());
        assertEquals(error, answer.get("error").getAsString());
    }

    static void assertAnswered(String result, JsonObject answer) {
        assertTrue(answer.get("ok").getAsBoolean(), answer::toString);
        assertEquals(result, answer.get("result").getAsString());
    }
}
