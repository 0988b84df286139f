package org.mayfly.agent.state;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

/** The clients' files: one each, {@code NAME.json}, mode 0600. A bad one is named and the others still load. */
public final class ClientFiles {
    private static final String SUFFIX = ".json";
    private static final String NAME = "[a-z0-9][a-z0-9._-]{0,31}";
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /**
     * What was found.
     *
     * @param problems one line for each file that was left out
     */
    public record Loaded(List<StoredClient> clients, List<String> problems) {}

    private final Path directory;
    private final ServerIdentity server;

    /** Makes the directory if need be. */
    public ClientFiles(Path directory, ServerIdentity server) throws IOException {
        PrivateFile.directory(directory);
        this.directory = directory;
        this.server = server;
    }

    /** Reads all clients, in the order of their names. */
    public Loaded load() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList();
        }
        List<StoredClient> clients = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Map<Long, String> owners = new HashMap<>();
        for (Path file : files) {
            try {
                StoredClient client = read(file);
                claim(file, client, owners);
                clients.add(client);
            } catch (IOException e) {
                problems.add(String.valueOf(e.getMessage()));
            } catch (GeneralSecurityException e) {
                problems.add(String.valueOf(
                        damaged(file, "its keyset cannot be used").getMessage()));
            }
        }
        return new Loaded(List.copyOf(clients), List.copyOf(problems));
    }

    /** A packet names a key by its id, so no two clients may have the same. All of the client's, or none. */
    private static void claim(Path file, StoredClient client, Map<Long, String> owners)
            throws IOException, GeneralSecurityException {
        List<? extends KnockKey> keys = client.keyset().keys();
        for (KnockKey key : keys) {
            String other = owners.get(key.id());
            if (other != null) {
                throw new IOException(
                        file + ": holds the key of client " + other + "; remove it, and add the client anew");
            }
        }
        keys.forEach(key -> owners.put(key.id(), client.name()));
    }

    private StoredClient read(Path file) throws IOException, GeneralSecurityException {
        String name = String.valueOf(file.getFileName());
        name = name.substring(0, name.length() - SUFFIX.length());
        String text = PrivateFile.read(file);
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            if (!name.matches(NAME) || !name.equals(json.get("name").getAsString())) {
                throw damaged(file, "its name and the client's are not the same");
            }
            List<String> services = new ArrayList<>();
            json.getAsJsonArray("services").forEach(s -> services.add(s.getAsString()));
            return new StoredClient(
                    name,
                    Instant.parse(json.get("created").getAsString()),
                    services,
                    source(json.get("source").getAsString()),
                    json.get("name_source").getAsBoolean(),
                    count(json.get("leases")),
                    count(json.get("rate")),
                    ClientKeyset.fromJson(json.getAsJsonObject("keyset"), server));
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | DateTimeException
                | UnsupportedOperationException
                | ArithmeticException
                | ClassCastException
                | NullPointerException e) {
            // The cause may quote the file, secrets and all, and stays out of the message.
            throw damaged(file, "it is not a client");
        }
    }

    private static @Nullable Integer count(@Nullable JsonElement value) {
        if (value == null || value.isJsonNull()) {
            return null;
        }
        int n = value.getAsInt();
        if (n < 1) {
            throw new IllegalArgumentException("a quota below 1");
        }
        return n;
    }

    private static SourcePolicy source(String text) {
        for (SourcePolicy p : SourcePolicy.values()) {
            if (p.toString().equals(text)) {
                return p;
            }
        }
        throw new IllegalArgumentException("no such source policy");
    }

    private static IOException damaged(Path file, String why) {
        return new IOException(file + ": " + why + "; put back a copy, or remove it and add the client anew");
    }

    /**
     * Makes a client with a fresh key. Nothing is written yet.
     *
     * @throws IOException if the name cannot be one, or is taken
     */
    public StoredClient create(String name, List<String> services, SourcePolicy source)
            throws IOException, GeneralSecurityException {
        if (!name.matches(NAME)) {
            throw new IOException("\"" + name + "\" cannot be a client's name; take 1 to 32 of a-z, 0-9, . _ and -");
        }
        if (Files.exists(file(name))) {
            throw new IOException(
                    "there is a client " + name + " already; to give it a new key: mayflyctl client rotate " + name);
        }
        return new StoredClient(
                name,
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                services,
                source,
                true,
                null,
                null,
                ClientKeyset.create(server));
    }

    /** Writes a client; when it returns, the disk has it. */
    public void save(StoredClient c) throws IOException, GeneralSecurityException {
        JsonObject json = new JsonObject();
        json.addProperty("name", c.name());
        json.addProperty("created", c.created().toString());
        JsonArray services = new JsonArray();
        c.services().forEach(services::add);
        json.add("services", services);
        json.addProperty("source", c.source().toString());
        json.addProperty("name_source", c.nameSource());
        if (c.leases() != null) {
            json.addProperty("leases", c.leases());
        }
        if (c.rate() != null) {
            json.addProperty("rate", c.rate());
        }
        json.add("keyset", c.keyset().toJson());
        PrivateFile.write(file(c.name()), GSON.toJson(json) + "\n");
    }

    /**
     * Writes a client that has a file.
     *
     * @throws IOException if it was removed meanwhile
     */
    public void replace(StoredClient c) throws IOException, GeneralSecurityException {
        if (!Files.exists(file(c.name()))) {
            throw new IOException("client " + c.name() + " is gone");
        }
        save(c);
    }

    /** Removes a client's file; when it returns, the disk has it. */
    public void remove(String name) throws IOException {
        Files.deleteIfExists(file(name));
        PrivateFile.force(directory);
    }

    private Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }
}
