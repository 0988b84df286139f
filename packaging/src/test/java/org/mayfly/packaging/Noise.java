package org.mayfly.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assertions;

/** Noise that is sent as fast as it goes to somebody who sends it back, until the test has seen enough. */
final class Noise implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int CHUNK = 1 << 14;
    private static final long SOME = 1 << 22;

    private final Socket socket;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong back = new AtomicLong();
    private final Thread writer;
    private final Thread reader;
    private volatile boolean enough;
    private volatile String wrong = "";

    /** @param socket connected; what it gets first has been read */
    Noise(Socket socket) {
        this.socket = socket;
        writer = thread(this::write);
        reader = thread(this::read);
    }

    private static Thread thread(Runnable work) {
        Thread t = new Thread(work, "noise");
        t.setDaemon(true);
        t.start();
        return t;
    }

    private void write() {
        Random noise = new Random(1);
        byte[] chunk = new byte[CHUNK];
        try {
            OutputStream out = socket.getOutputStream();
            while (!enough) {
                noise.nextBytes(chunk);
                out.write(chunk);
                sent.addAndGet(CHUNK);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            wrong = "cannot send: " + e;
        }
    }

    private void read() {
        Random noise = new Random(1);
        byte[] expected = new byte[CHUNK];
        try {
            InputStream in = socket.getInputStream();
            while (true) {
                byte[] chunk = in.readNBytes(CHUNK);
                back.addAndGet(chunk.length);
                if (chunk.length == 0) {
                    return;
                }
                noise.nextBytes(expected);
                if (!Arrays.equals(expected, chunk)) {
                    wrong = "not what was sent, at byte " + back;
                    return;
                }
            }
        } catch (IOException e) {
            wrong = "nothing comes back: " + e;
        }
    }

    /** Fails unless what is sent from now on comes back. */
    void goesOn(String when) throws Exception {
        long mark = sent.get() + SOME;
        Until.holds("bytes move " + when, PATIENCE, () -> {
            Assertions.assertEquals("", wrong, when);
            return back.get() > mark;
        });
    }

    /** Ends its half; all that was sent has to come back, and then the end. */
    void finish() throws InterruptedException {
        enough = true;
        writer.join(PATIENCE.toMillis());
        reader.join(PATIENCE.toMillis());
        Assertions.assertEquals("", wrong);
        Assertions.assertEquals(sent.get(), back.get());
    }

    @Override
    public void close() throws IOException {
        enough = true;
        socket.close();
    }
}
