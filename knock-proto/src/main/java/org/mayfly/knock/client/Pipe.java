package org.mayfly.knock.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A connection on standard input and output. Each direction ends on its own: the end of the input is told to the
 * server while its answer may still come, and the other way round.
 */
public final class Pipe {
    private static final int BLOCK = 65_536;

    private Pipe() {}

    /** Returns when both directions have ended; closes the channel and {@code out}. */
    public static void run(SocketChannel channel, InputStream in, OutputStream out) throws Failure {
        try (channel) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            CompletableFuture<Void> up = new CompletableFuture<>();
            Thread t = new Thread(() -> upload(channel, in, up), "mayfly-upload");
            t.setDaemon(true); // it may be stuck in a read of standard input when the connection has broken
            t.start();
            download(channel, out);
            up.get();
        } catch (IOException e) {
            throw Failure.failed("the connection broke: " + Failure.reason(e));
        } catch (ExecutionException e) {
            throw Failure.failed(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.failed("interrupted");
        }
    }

    private static void upload(SocketChannel channel, InputStream in, CompletableFuture<Void> done) {
        byte[] block = new byte[BLOCK];
        try {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                ByteBuffer b = ByteBuffer.wrap(block, 0, n);
                while (b.hasRemaining()) {
                    channel.write(b);
                }
            }
            channel.shutdownOutput();
            done.complete(null);
        } catch (IOException e) {
            done.completeExceptionally(new IOException("not everything was sent: " + Failure.reason(e), e));
        }
    }

    private static void download(SocketChannel channel, OutputStream out) throws IOException, Failure {
        ByteBuffer b = ByteBuffer.allocate(BLOCK);
        while (channel.read(b) >= 0) {
            try {
                out.write(b.array(), 0, b.position());
                out.flush();
            } catch (IOException e) {
                throw Failure.failed("standard output does not take more: " + Failure.reason(e));
            }
            b.clear();
        }
        out.close();
    }
}
