package org.mayfly.agent.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("try") // A server is there to be connected to, not to be called.
class ControlSocketTest {
    @TempDir
    Path directory;

    private static CompletionStage<JsonElement> fine(AdminRequest request, Peer peer) {
        return CompletableFuture.completedFuture(new JsonPrimitive("fine"));
    }

    private AdminServer start(Path path) throws IOException {
        return AdminServer.start(path, null, ControlSocketTest::fine);
    }

    private static void assertAnswers(Path path) {
        assertEquals(
                "fine",
                new AdminClient(path)
                        .call(AdminCommand.STATUS, new JsonObject())
                        .getAsString());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    @Test
    void isForOwnerAndGroupWhateverTheUmask() throws Exception {
        Path path = directory.resolve("new/control.sock");
        try (AdminServer server = start(path)) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertAnswers(path);
            try (Stream<Path> all = Files.list(directory.resolve("new"))) {
                assertEquals(List.of(path), all.toList());
            }
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void namesAGroupThatThereIsNot() throws Exception {
        Path path = directory.resolve("control.sock");
        IOException e = assertThrows(
                IOException.class, () -> AdminServer.start(path, "no-such-group", ControlSocketTest::fine));
        assertEquals("there is no group \"no-such-group\"; make it, or change [admin] group", e.getMessage());
        assertEquals(List.of(), files());
    }

    @Test
    void givesWayToAnAgentThatAnswers() throws Exception {
        Path path = directory.resolve("control.sock");
        try (AdminServer first = start(path)) {
            IOException e = assertThrows(IOException.class, () -> start(path));
            assertEquals(
                    "another agent answers on " + path + "; stop it, or give this one its own [paths] socket",
                    e.getMessage());
            assertAnswers(path);
            assertEquals(List.of(path), files());
        }
    }

    @Test
    void takesThePlaceOfADeadOne() throws Exception {
        Path path = directory.resolve("control.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path), "closing a socket leaves its name");
        try (AdminServer server = start(path)) {
            assertAnswers(path);
        }
    }

    @Test
    void doesNotRemoveWhatIsNoSocket() throws Exception {
        Path path = Files.writeString(directory.resolve("control.sock"), "precious");
        IOException e = assertThrows(IOException.class, () -> start(path));
        assertEquals(
                path + " exists and is not a socket; move it away, or choose another [paths] socket", e.getMessage());
        assertEquals("precious", Files.readString(path));
    }

    @Test
    void saysWhereItCannotBeMade() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        IOException e = assertThrows(IOException.class, () -> start(file.resolve("control.sock")));
        assertTrue(String.valueOf(e.getMessage()).startsWith("cannot make the socket " + file + "/"), e::toString);
        assertTrue(String.valueOf(e.getMessage()).endsWith("; see to " + file), e::toString);
    }

    @Test
    void doesNotFollowALink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("control.sock"), directory.resolve("elsewhere"));
        assertThrows(IOException.class, () -> start(link));
        assertTrue(Files.isSymbolicLink(link));
    }

    @Test
    void refusesAPathThatIsTooLong() throws Exception {
        Path path = directory.resolve("x".repeat(108));
        IOException e = assertThrows(IOException.class, () -> start(path));
        assertEquals(
                path + " is too long for a Unix socket, which has at most 107 bytes; choose a shorter [paths] socket",
                e.getMessage());
        assertEquals(List.of(), files());
    }

    @Test
    void leavesASocketThatIsNoLongerItsOwn() throws Exception {
        Path path = directory.resolve("control.sock");
        AdminServer first = start(path);
        Files.delete(path);
        try (AdminServer second = start(path)) {
            first.close();
            assertAnswers(path);
        }
    }
}
