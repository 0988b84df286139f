package org.mayfly.knock.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipeTest {
    private static final int MANY = 50_000_000;

    /** Both ends of one real connection. */
    private record Ends(SocketChannel ours, Socket theirs) implements Closeable {
        static Ends open() throws IOException {
            try (ServerSocket l = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                SocketChannel ours = SocketChannel.open(l.getLocalSocketAddress());
                return new Ends(ours, l.accept());
            }
        }

        @Override
        public void close() throws IOException {
            ours.close();
            theirs.close();
        }
    }

    @Test
    void bothDirectionsCarryFiftyMegabytesAtOnce() throws Exception {
        byte[] up = bytes(1);
        byte[] down = bytes(2);
        MessageDigest gotDown = MessageDigest.getInstance("SHA-256");
        try (Ends e = Ends.open();
                OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), gotDown)) {
            FutureTask<byte[]> gotUp = background(() -> sha256(e.theirs.getInputStream()));
            FutureTask<Boolean> sent = background(() -> {
                e.theirs.getOutputStream().write(down);
                e.theirs.shutdownOutput();
                return true;
            });
            Pipe.run(e.ours, new ByteArrayInputStream(up), out);
            assertTrue(sent.get());
            assertArrayEquals(sha256(new ByteArrayInputStream(up)), gotUp.get());
            assertArrayEquals(sha256(new ByteArrayInputStream(down)), gotDown.digest());
        }
    }

    @Test
    void theAnswerStillComesAfterTheInputHasEnded() throws Exception {
        try (Ends e = Ends.open()) {
            FutureTask<Boolean> server = background(() -> {
                byte[] all = e.theirs.getInputStream().readAllBytes(); // returns only when the end was told
                e.theirs.getOutputStream().write(all);
                e.theirs.close();
                return true;
            });
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Pipe.run(e.ours, new ByteArrayInputStream("question".getBytes(StandardCharsets.US_ASCII)), out);
            assertTrue(server.get());
            assertEquals("question", out.toString(StandardCharsets.US_ASCII));
        }
    }

    @Test
    @SuppressWarnings("try") // to close the feed early is the point
    void theInputStillGoesAfterTheAnswerHasEnded() throws Exception {
        try (Ends e = Ends.open();
                PipedOutputStream feed = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(feed)) {
            e.theirs.shutdownOutput();
            FutureTask<byte[]> got = background(() -> e.theirs.getInputStream().readAllBytes());
            OutputStream out = new ByteArrayOutputStream() {
                @Override
                public void close() throws IOException { // what a reader of standard output sees as the end
                    feed.write("late".getBytes(StandardCharsets.US_ASCII));
                    feed.close();
                }
            };
            Pipe.run(e.ours, in, out);
            assertEquals("late", new String(got.get(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    @SuppressWarnings("try") // to close their end early is the point
    void aConnectionThatBreaksIsAFailureAlthoughTheInputIsStillOpen() throws Exception {
        try (Ends e = Ends.open();
                PipedOutputStream feed = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(feed)) {
            e.theirs.setSoLinger(true, 0); // close() then resets
            e.theirs.close();
            Failure f = assertThrows(Failure.class, () -> Pipe.run(e.ours, in, new ByteArrayOutputStream()));
            assertEquals(Failure.FAILED, f.status());
            assertTrue(f.toString().contains("broke"), f::toString);
        }
    }

    @Test
    void aReaderThatGoesAwayIsAFailure() throws Exception {
        try (Ends e = Ends.open();
                PipedOutputStream feed = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(feed)) {
            e.theirs.getOutputStream().write(1);
            OutputStream out = new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException("Broken pipe");
                }
            };
            Failure f = assertThrows(Failure.class, () -> Pipe.run(e.ours, in, out));
            assertTrue(f.toString().contains("standard output"), f::toString);
        }
    }

    private static <T> FutureTask<T> background(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread t = new Thread(task, "their-end");
        t.setDaemon(true);
        t.start();
        return task;
    }

    private static byte[] bytes(long seed) {
        byte[] b = new byte[MANY];
        new SplittableRandom(seed).nextBytes(b);
        return b;
    }

    private static byte[] sha256(InputStream in) throws Exception {
        MessageDigest d = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[65_536];
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            d.update(block, 0, n);
        }
        return d.digest();
    }
}
