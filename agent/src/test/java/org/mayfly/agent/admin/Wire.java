package org.mayfly.agent.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A connection to an agent that says what it likes. */
final class Wire implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader reader;

    Wire(Path path) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        reader = new BufferedReader(Channels.newReader(channel, UTF_8));
    }

    Wire send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return this;
    }

    Wire endOfRequests() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** The next line; null when the agent has hung up. */
    @Nullable
    String line() throws IOException {
        return reader.readLine();
    }

    JsonObject answer() throws IOException {
        String line = line();
        if (line == null) {
            throw new IOException("the agent hung up without an answer");
        }
        return Json.parse(line, JsonObject.class);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
