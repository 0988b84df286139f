package org.mayfly.agent.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A request and what is answered to it, within a deadline that can be called off. */
final class Exchange {
    private static final int LONGEST_ANSWER = 64 * 1024 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer chunk = ByteBuffer.allocate(8192).flip();
    private final long deadline;
    private boolean endless;

    Exchange(SocketChannel channel, Selector selector, Duration patience) {
        this.channel = channel;
        this.selector = selector;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    void withoutDeadline() {
        endless = true;
    }

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

    /** The next line; what came with it beyond its end stays for the one after it. */
    String receive() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LONGEST_ANSWER) {
            while (chunk.hasRemaining()) {
                byte b = chunk.get();
                if (b == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                line.write(b);
            }
            fill();
        }
        throw new IOException("its answer has no end");
    }

    private void fill() throws IOException {
        int n = channel.read(chunk.clear());
        chunk.flip();
        if (n < 0) {
            throw new IOException(
                    endless
                            ? "it hung up; see whether mayflyd still runs, and its log"
                            : "it hung up without an answer; see its log");
        }
        if (n == 0) {
            await();
        }
    }

    private void await() throws IOException {
        if (endless) {
            selector.select();
        } else {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AdminException(
                        ExitStatus.FAILED, "the agent does not answer; see its log, or restart it if it hangs");
            }
            selector.select(left / 1_000_000 + 1);
        }
        selector.selectedKeys().clear();
    }
}
