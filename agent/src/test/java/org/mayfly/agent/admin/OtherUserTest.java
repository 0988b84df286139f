package org.mayfly.agent.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.cli.Mayflyctl;
import picocli.CommandLine;

/** The real mayflyctl, as a real other user: the kernel says who that is. */
@Timeout(120)
@SuppressWarnings("try") // A server is there to be connected to, not to be called.
class OtherUserTest {
    /** The uid that Linux keeps for nobody; there need be no such name here. */
    private static final String NOBODY = "65534";

    private static final String GROUP = "64999";

    @TempDir
    private Path directory;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Path> classPath = new ArrayList<>();

    private record Told(int status, String out, String err) {}

    private CompletionStage<JsonElement> fine(AdminRequest request, Peer peer) {
        asked.add(request.command() + " by " + peer.uid() + " of " + peer.gid());
        JsonPrimitive word = new JsonPrimitive("fine");
        return CompletableFuture.completedFuture(word);
    }

    /** Whether we may become somebody else; in a user namespace of one user, for one, we may not. */
    @BeforeEach
    void needsAnotherUser() throws Exception {
        String why = "another user cannot be tried: ";
        try {
            Told told = run("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "true");
            if (told.status() != 0) {
                skip(why + "setpriv says " + told.err().strip());
            }
        } catch (IOException e) {
            skip(why + e.getMessage());
        }
        // What nobody runs has to lie where nobody may read.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (Class<?> one : List.of(Mayflyctl.class, Gson.class, CommandLine.class)) {
            classPath.add(copy(Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI())));
        }
    }

    private static void skip(String why) {
        System.err.println("SKIPPED, LOUDLY: " + why);
        abort(why);
    }

    private Path copy(Path from) throws IOException, InterruptedException {
        Path to = directory.resolve("lib" + classPath.size() + (Files.isDirectory(from) ? "" : ".jar"));
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                Path target = to.resolve(from.relativize(each).toString());
                Files.copy(each, Files.isDirectory(from) ? target : to, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        run("chmod", "-R", "a+rX", to.toString());
        return to;
    }

    @AfterEach
    void asksNothingOfAnAgentThatIsGone() {
        asked.clear();
    }

    private Told run(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        int status = process.waitFor();
        return new Told(status, Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }

    private Told mayflyctl(String group, Path socket, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY));
        command.addAll(List.of(
                "--groups",
                group,
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
        command.add(String.join(
                File.pathSeparator, classPath.stream().map(Path::toString).toList()));
        command.addAll(List.of(Mayflyctl.class.getName(), "--socket", socket.toString()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    @Test
    void aMemberOfTheGroupReadsAndDoesNotWrite() throws Exception {
        Path socket = directory.resolve("control.sock");
        try (AdminServer server = AdminServer.start(socket, GROUP, this::fine)) {
            assertEquals(new Told(0, "\"fine\"\n", ""), mayflyctl(GROUP, socket, "leases", "--json"));
            assertEquals(List.of("leases by 65534 of 65534"), asked);
            Told follows = mayflyctl(GROUP, socket, "monitor");
            assertEquals(
                    new Told(1, "", "mayflyctl: this agent tells of nothing as it happens; ask for: status\n"),
                    follows,
                    "as this handler says, who was asked");
            for (List<String> writing : List.of(
                    List.of("revoke", "--all"),
                    List.of("permit", "laptop", "ssh"),
                    List.of("client", "add", "me"),
                    List.of("client", "rotate", "me"),
                    List.of("client", "remove", "me"),
                    List.of("reload"))) {
                Told told = mayflyctl(GROUP, socket, writing.toArray(String[]::new));
                assertEquals(3, told.status(), told::toString);
                assertEquals("", told.out());
                assertTrue(told.err().endsWith(" is for root alone; try again with sudo\n"), told::toString);
                assertEquals(1, told.err().lines().count(), told::toString);
            }
            assertEquals(1, asked.size(), "the handler never heard of it");
        }
    }

    @Test
    void aStrangerDoesNotEvenConnect() throws Exception {
        Path socket = directory.resolve("control.sock");
        try (AdminServer server = AdminServer.start(socket, GROUP, this::fine)) {
            Told told = mayflyctl(NOBODY, socket, "status");
            assertEquals(
                    new Told(
                            3,
                            "",
                            "mayflyctl: you may not connect to " + socket
                                    + "; try again with sudo, or join the socket's group\n"),
                    told);
            assertEquals(3, mayflyctl(NOBODY, socket, "monitor", "--json").status());
            Path hidden = Files.createDirectory(
                    directory.resolve("hidden"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            assertEquals(
                    3,
                    mayflyctl(NOBODY, hidden.resolve("control.sock"), "status").status());
            assertEquals(
                    4, mayflyctl(NOBODY, directory.resolve("none"), "status").status());
            assertEquals(List.of(), asked);
        }
    }
}
