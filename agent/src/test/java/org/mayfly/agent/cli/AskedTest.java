package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminServer;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.Peer;

/** An agent to ask, and asking it. */
abstract class AskedTest {
    static final ConfigurationCheck NO_CHECK = file -> new ConfigurationCheck.Report(List.of(), List.of(), "");

    @TempDir
    Path directory;

    final BlockingQueue<AdminRequest> asked = new LinkedBlockingQueue<>();

    @Nullable
    AdminServer server;

    void serve(AdminHandler handler) throws IOException {
        server = AdminServer.start(directory.resolve("s"), null, new AdminHandler() {
            @Override
            public CompletionStage<JsonElement> handle(AdminRequest request, Peer peer) {
                asked.add(request);
                return handler.handle(request, peer);
            }

            @Override
            public void follow(AdminRequest request, Peer peer, AdminStream stream) {
                asked.add(request);
                handler.follow(request, peer, stream);
            }
        });
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    Told ask(String... arguments) {
        return Told.mayflyctl(directory.resolve("s"), false, NO_CHECK, arguments);
    }

    Told askAtTerminal(String... arguments) {
        return Told.mayflyctl(directory.resolve("s"), true, NO_CHECK, arguments);
    }

    static void assertPrints(String text, Told told) {
        assertEquals(new Told(0, text, ""), told);
    }

    static void assertComplains(int status, String line, Told told) {
        assertEquals(new Told(status, "", line + "\n"), told);
    }
}
