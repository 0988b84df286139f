package org.mayfly.agent.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Asks the agent. Over the JDK's own Unix sockets, unlike the server: a command is over in the time that jnr takes to
 * load its native part, and it has no need of peer credentials.
 */
public final class AdminClient {
    /** More than the agent gives itself, so that its own word about being late comes first. */
    private static final Duration PATIENCE = AdminServer.PATIENCE.plusSeconds(5);

    private static final int LONGEST_ANSWER = 64 * 1024 * 1024;

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
        String line = new AdminRequest(command, arguments).toLine() + "\n";
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            connect(channel);
            Exchange exchange = new Exchange(channel, selector, System.nanoTime() + patience.toNanos());
            exchange.send(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            return AdminAnswer.open(exchange.receive());
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

    /** A request and an answer, both of them within the deadline. */
    private record Exchange(SocketChannel channel, Selector selector, long deadline) {

        void send(ByteBuffer request) throws IOException {
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            try {
                while (request.hasRemaining()) {
                    if (channel.write(request) == 0) {
                        await();
                    }
                }
            } catch (IOException e) {
                // An agent that turns us away answers without having read the request, and hangs up.
            }
            key.interestOps(SelectionKey.OP_READ);
        }

        String receive() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            ByteBuffer chunk = ByteBuffer.allocate(8192);
            while (line.size() < LONGEST_ANSWER) {
                int n = channel.read(chunk.clear());
                if (n < 0) {
                    throw new IOException("it hung up without an answer; see its log");
                }
                if (n == 0) {
                    await();
                }
                for (chunk.flip(); chunk.hasRemaining(); ) {
                    byte b = chunk.get();
                    if (b == '\n') {
                        return line.toString(StandardCharsets.UTF_8);
                    }
                    line.write(b);
                }
            }
            throw new IOException("its answer has no end");
        }

        private void await() throws IOException {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AdminException(
                        ExitStatus.FAILED, "the agent does not answer; see its log, or restart it if it hangs");
            }
            selector.select(left / 1_000_000 + 1);
            selector.selectedKeys().clear();
        }
    }
}
