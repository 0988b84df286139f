package org.mayfly.agent.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Asks the agent. Over the JDK's own Unix sockets, unlike the server: a command is over in the time that jnr takes to
 * load its native part, and it has no need of peer credentials.
 */
public final class AdminClient {
    /** More than the agent gives itself, so that its own word about being late comes first. */
    private static final Duration PATIENCE = AdminServer.PATIENCE.plusSeconds(5);

    private final Path path;
    private final Duration patience;

    public AdminClient(Path path) {
        this(path, PATIENCE);
    }

    AdminClient(Path path, Duration patience) {
        this.path = path;
        this.patience = patience;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @return the result, in the shape that the command documents
     * @throws AdminException when it was refused, with status {@link ExitStatus#NO_AGENT} if there is nobody to ask
     */
    public JsonElement call(AdminCommand command, JsonObject arguments) {
        return asked(command, arguments, exchange -> AdminAnswer.open(exchange.receive()));
    }

    /**
     * Asks for what is answered without an end.
     *
     * @param each is given the results as they come, and says whether it wants more
     * @throws AdminException when it was refused, or when the agent stops
     */
    public void follow(AdminCommand command, JsonObject arguments, Predicate<JsonElement> each) {
        asked(command, arguments, exchange -> {
            while (each.test(AdminAnswer.open(exchange.receive()))) {
                exchange.withoutDeadline();
            }
            return JsonNull.INSTANCE;
        });
    }

    private interface Conversation {
        JsonElement with(Exchange exchange) throws IOException;
    }

    private JsonElement asked(AdminCommand command, JsonObject arguments, Conversation conversation) {
        String line = new AdminRequest(command, arguments).toLine() + "\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            connect(channel);
            Exchange exchange = new Exchange(channel, selector, patience);
            exchange.send(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            return conversation.with(exchange);
        } catch (IOException e) {
            throw new AdminException(ExitStatus.FAILED, "the connection to the agent broke: " + e.getMessage(), e);
        }
    }

    private void connect(SocketChannel channel) {
        try {
            // Connecting to a Unix socket succeeds or fails at once.
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException | IllegalArgumentException e) {
            throw unreachable(e);
        }
    }

    /** The exceptions of the JDK tell EACCES from ENOENT in words alone, and in the user's language. */
    private AdminException unreachable(Exception cause) {
        if (Files.notExists(path)) {
            return new AdminException(
                    ExitStatus.NO_AGENT,
                    "no agent is running: there is no socket " + path
                            + "; start mayflyd, or name its socket by --socket",
                    cause);
        }
        if (!Files.isWritable(path)) {
            return new AdminException(
                    ExitStatus.NOT_PERMITTED,
                    "you may not connect to " + path + "; try again with sudo, or join the socket's group",
                    cause);
        }
        if (!(cause instanceof ConnectException)) {
            // EAGAIN of connect(2): more are waiting to be accepted than the agent lets wait.
            return new AdminException(
                    ExitStatus.FAILED,
                    "the agent is too busy to take another connection; try again in a moment",
                    cause);
        }
        return new AdminException(
                ExitStatus.NO_AGENT,
                "no agent answers on " + path + "; see whether mayflyd is running, or name its socket by --socket",
                cause);
    }
}
