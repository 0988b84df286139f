package org.mayfly.agent.state;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

/** Who the server is: its id and its gate key, which every enrolment carries. Without them no client gets in again. */
public final class ServerFile {
    private static final String NAME = "server.json";

    /**
     * The identity.
     *
     * @param isNew whether it was made just now, so that nobody can have made a knock for it yet
     */
    public record Found(ServerIdentity identity, boolean isNew) {}

    private ServerFile() {}

    /**
     * Reads the identity; makes one at the first start.
     *
     * @throws IOException if the file is damaged, can be read by others, or cannot be made. It is never replaced: that
     *     would cut off every client.
     */
    public static Found readOrCreate(Path stateDirectory) throws IOException {
        PrivateFile.directory(stateDirectory);
        Path file = stateDirectory.resolve(NAME);
        // A link to what is not mounted yet is a file too: it is not replaced, and cannot be read.
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            Path marks = stateDirectory.resolve(MarksOpening.NAME);
            if (Files.exists(marks, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(
                        file + " is missing, and " + marks + " says that there was one; put back a copy of"
                                + " it. Without one remove " + marks + " too, and enroll every client anew");
            }
            ServerIdentity made = ServerIdentity.create();
            try {
                PrivateFile.write(file, write(made));
            } catch (IOException e) {
                throw MarksOpening.failed(
                        "the server's identity cannot be made; make room for it, and start again:", file, e);
            }
            return new Found(made, true);
        }
        String text = PrivateFile.read(file);
        try {
            JsonObject json = JsonParser.parseString(text).getAsJsonObject();
            HexFormat hex = HexFormat.of();
            return new Found(
                    ServerIdentity.of(
                            hex.parseHex(json.get("id").getAsString()),
                            Secret.of(hex.parseHex(json.get("gate_key").getAsString()))),
                    false);
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | NullPointerException e) {
            // The cause may quote the file, and stays out of the message.
            throw new IOException(
                    file + " is damaged; put back a copy of it. Without one remove it, and enroll every client anew");
        }
    }

    private static String write(ServerIdentity identity) {
        JsonObject json = new JsonObject();
        json.addProperty("id", HexFormat.of().formatHex(identity.id()));
        json.addProperty(
                "gate_key", HexFormat.of().formatHex(identity.gate().secret().copy()));
        return json + "\n";
    }
}
