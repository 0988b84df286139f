package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.knock.ServerIdentity;

class ClientFilesTest {
    private static final Quota COMMON = new Quota(64, 10, Quota.Full.REFUSE);

    @TempDir
    Path directory = Path.of("");

    private final ServerIdentity server = ServerIdentity.create();
    private Path clients = directory;

    @BeforeEach
    void two() throws Exception {
        clients = directory.resolve("clients");
        for (String name : List.of("anna", "zoe")) {
            files().save(files().create(name, List.of("ssh", "web"), SourcePolicy.NET64));
        }
    }

    private ClientFiles files() throws IOException {
        return new ClientFiles(clients, server);
    }

    private Path file(String name) {
        return clients.resolve(name + ".json");
    }

    private JsonObject json(String name) throws IOException {
        return JsonParser.parseString(Files.readString(file(name))).getAsJsonObject();
    }

    /** That zoe loads, anna does not, and why. */
    private String onlyZoe() throws IOException {
        ClientFiles.Loaded loaded = files().load();
        assertEquals(
                List.of("zoe"),
                loaded.clients().stream().map(StoredClient::name).toList());
        assertEquals(1, loaded.problems().size(), () -> loaded.problems().toString());
        String problem = loaded.problems().get(0);
        assertTrue(problem.contains(file("anna").toString()) && !problem.contains("\n"), problem);
        return problem;
    }

    @Test
    void readsWhatItWrote() throws Exception {
        ClientFiles.Loaded loaded = files().load();
        assertEquals(List.of(), loaded.problems());
        StoredClient anna = loaded.clients().get(0);
        assertEquals("anna", anna.name());
        assertEquals(List.of("ssh", "web"), anna.services());
        assertEquals(SourcePolicy.NET64, anna.source());
        assertTrue(anna.nameSource());
        assertNull(anna.toClient(COMMON).quota());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file("anna"))));
        try (Stream<Path> left = Files.list(clients)) {
            assertEquals(2, left.count(), "no temporary file is left");
        }
    }

    @Test
    void keepsKeysInTheirOrder() throws Exception {
        StoredClient anna = files().load().clients().get(0);
        StoredClient rotated = anna.withKeyset(anna.keyset().rotated());
        files().save(rotated);
        Client read = files().load().clients().get(0).toClient(COMMON);
        assertEquals(
                rotated.keyset().keys().stream().map(k -> k.id()).toList(),
                read.keys().stream().map(k -> k.id()).toList());
        assertEquals(2, read.keys().size());
    }

    @Test
    void fillsAQuotaUp() throws Exception {
        JsonObject json = json("anna");
        json.addProperty("rate", 3);
        Files.writeString(file("anna"), json.toString());
        assertEquals(
                new Quota(64, 3, Quota.Full.REFUSE),
                files().load().clients().get(0).toClient(COMMON).quota());
    }

    @Test
    void removesAndRefusesNames() throws Exception {
        assertThrows(IOException.class, () -> files().create("anna", List.of("ssh"), SourcePolicy.ANY));
        files().remove("anna");
        assertEquals(1, files().load().clients().size());
        for (String name : List.of("", "../anna", "Anna", ".a", "a/b", "a".repeat(33))) {
            assertThrows(IOException.class, () -> files().create(name, List.of("ssh"), SourcePolicy.ANY), name);
        }
    }

    /** Each member gone, null, or of another type: one line that names the file, and the others load. */
    @Test
    void leavesOutWhatIsWrong() throws IOException {
        JsonObject whole = json("anna");
        List<JsonElement> wrong = List.of(
                JsonNull.INSTANCE,
                new JsonPrimitive("?"),
                new JsonPrimitive(-1),
                new JsonObject(),
                JsonParser.parseString("[null]"),
                JsonParser.parseString("[[]]"));
        for (String member : List.of("name", "created", "services", "source", "keyset")) {
            JsonObject without = whole.deepCopy();
            without.remove(member);
            Files.writeString(file("anna"), without.toString());
            onlyZoe();
            for (JsonElement value : wrong) {
                JsonObject other = whole.deepCopy();
                other.add(member, value);
                Files.writeString(file("anna"), other.toString());
                onlyZoe();
            }
        }
        for (String quota : List.of("0", "-1", "1e99", "\"x\"", "[]", "{}")) {
            JsonObject other = whole.deepCopy();
            other.add("leases", JsonParser.parseString(quota));
            Files.writeString(file("anna"), other.toString());
            onlyZoe();
        }
    }

    @Test
    void neverThrowsForContentNorQuotesIt() throws IOException {
        byte[] whole = Files.readAllBytes(file("anna"));
        String secret = json("anna").toString().replaceAll(".*\"value\":\"([^\"]{12}).*", "$1");
        assertEquals(12, secret.length());
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] garbled = whole.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                garbled[random.nextInt(garbled.length)] = (byte) random.nextInt(256);
            }
            Files.write(file("anna"), i % 3 == 0 ? Arrays.copyOf(garbled, random.nextInt(whole.length)) : garbled);
            ClientFiles.Loaded loaded = files().load();
            assertEquals(2, loaded.clients().size() + loaded.problems().size());
            assertFalse(loaded.problems().toString().contains(secret), loaded.problems()::toString);
        }
    }

    @Test
    void wantsTheNameOfTheFile() throws IOException {
        Files.move(file("anna"), file("bob"));
        assertEquals(
                List.of("zoe"),
                files().load().clients().stream().map(StoredClient::name).toList());
        assertTrue(files().load().problems().get(0).contains(file("bob").toString()));
    }

    @Test
    void refusesTheSecondOfOneKey() throws IOException {
        JsonObject copy = json("anna");
        copy.addProperty("name", "bob");
        Path bob = Files.writeString(file("bob"), copy.toString());
        Files.setPosixFilePermissions(bob, PosixFilePermissions.fromString("rw-------"));
        ClientFiles.Loaded loaded = files().load();
        assertEquals(
                List.of("anna", "zoe"),
                loaded.clients().stream().map(StoredClient::name).toList());
        assertTrue(
                loaded.problems().get(0).startsWith(bob + ": holds the key of client anna"),
                loaded.problems()::toString);
    }

    @Test
    void refusesKeysOfAnotherServer() throws IOException {
        ClientFiles.Loaded loaded = new ClientFiles(clients, ServerIdentity.create()).load();
        assertEquals(List.of(), loaded.clients());
        assertEquals(2, loaded.problems().size());
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        Files.setPosixFilePermissions(file("anna"), PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(onlyZoe().endsWith("chmod 600 " + file("anna")));
        Files.setPosixFilePermissions(clients, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(IOException.class, this::files);
    }
}
