package org.mayfly.agent.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdminClientTest {
    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("control.sock");
    }

    private AdminException ask(Duration patience) {
        return assertThrows(AdminException.class, () -> new AdminClient(path, patience)
                .call(AdminCommand.STATUS, new JsonObject()));
    }

    @Test
    void saysThatThereIsNoSocket() {
        AdminException e = ask(Duration.ofSeconds(5));
        assertEquals(4, e.status());
        assertEquals(
                "no agent is running: there is no socket " + path + "; start mayflyd, or name its socket by --socket",
                e.getMessage());
    }

    @Test
    void saysThatNobodyAnswers() throws Exception {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        AdminException e = ask(Duration.ofSeconds(5));
        assertEquals(4, e.status());
        assertEquals(
                "no agent answers on " + path + "; see whether mayflyd is running, or name its socket by --socket",
                e.getMessage());
    }

    @Test
    void saysThatAPathIsTooLong() {
        path = directory.resolve("x".repeat(200));
        assertEquals(4, ask(Duration.ofSeconds(5)).status());
    }

    @Test
    void doesNotWaitForEver() throws Exception {
        try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            mute.bind(UnixDomainSocketAddress.of(path));
            AdminException e = ask(Duration.ofMillis(100));
            assertEquals(1, e.status());
            assertEquals("the agent does not answer; see its log, or restart it if it hangs", e.getMessage());
        }
    }

    @Test
    void doesNotQueueWithoutEnd() throws Exception {
        List<SocketChannel> queue = new ArrayList<>();
        try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            mute.bind(UnixDomainSocketAddress.of(path), 1);
            assertThrows(IOException.class, () -> {
                while (queue.size() < 100) {
                    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                    queue.add(channel);
                    channel.configureBlocking(false);
                    channel.connect(UnixDomainSocketAddress.of(path));
                }
            });
            AdminException e = ask(Duration.ofSeconds(5));
            assertEquals("the agent is too busy to take another connection; try again in a moment", e.getMessage());
            assertEquals(1, e.status());
            IOException refused = assertThrows(IOException.class, () -> ControlSocket.create(path, null));
            assertEquals(
                    "another agent answers on " + path + "; stop it, or give this one its own [paths] socket",
                    refused.getMessage());
        } finally {
            for (SocketChannel channel : queue) {
                channel.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\n",
                "{}\n",
                "[]\n",
                "\n",
                "{\"ok\":false}\n",
                "{\"ok\":false,\"status\":{},\"error\":\"x\"}\n"
            })
    void saysThatSomethingElseAnswers(String line) throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            Thread answering = new Thread(() -> answer(other, line));
            answering.start();
            AdminException e = ask(Duration.ofSeconds(5));
            assertEquals(1, e.status());
            assertTrue(e.getMessage() != null && e.getMessage().contains("is --socket right?"), e::toString);
            answering.join();
        }
    }

    @Test
    void saysThatTheAgentHungUp() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            Thread answering = new Thread(() -> answer(other, ""));
            answering.start();
            AdminException e = ask(Duration.ofSeconds(5));
            assertEquals(1, e.status());
            answering.join();
        }
    }

    private static void answer(ServerSocketChannel server, String line) {
        try (SocketChannel channel = server.accept()) {
            channel.read(ByteBuffer.allocate(1000));
            channel.write(ByteBuffer.wrap(line.getBytes(UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
