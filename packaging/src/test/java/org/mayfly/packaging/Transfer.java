package org.mayfly.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assertions;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;

/**
 * A transfer by ssh, both ways at once: noise goes to the server, which writes it down and sends it back, until the test
 * has seen enough.
 */
final class Transfer implements AutoCloseable {
    /** After what happens in a test, TCP may wait some seconds before it tries again. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int CHUNK = 8192;

    /** Some 1.5 MB a second: always under way, and never much. */
    private static final long PAUSE = 5;

    /** What has to arrive for the transfer to go on: more than both ends may still have in their hands. */
    private static final long SOME = 1 << 18;

    private final Sshd sshd;
    private final Process ssh;
    private final Path copy;
    private final MessageDigest there = MessageDigest.getInstance("SHA-256");
    private final MessageDigest back = MessageDigest.getInstance("SHA-256");
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final Thread writer;
    private final Thread reader;
    private volatile boolean enough;

    /** Begins it. */
    Transfer(Sshd sshd, Host from, Ip6Address door, Path copy) throws Exception {
        this(sshd, from, door, 22, copy);
    }

    /** Begins it at another port. */
    Transfer(Sshd sshd, Host from, Ip6Address address, int port, Path copy) throws Exception {
        this.sshd = sshd;
        this.copy = copy;
        ssh = sshd.run(from, address, port, "exec tee '" + copy + "'");
        writer = thread(this::write);
        reader = thread(this::read);
    }

    private static Thread thread(Runnable work) {
        Thread t = new Thread(work, "transfer");
        t.setDaemon(true);
        t.start();
        return t;
    }

    private void write() {
        Random noise = new Random(1);
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = ssh.getOutputStream()) {
            while (!enough) {
                noise.nextBytes(chunk);
                out.write(chunk);
                out.flush();
                there.update(chunk);
                sent.addAndGet(CHUNK);
                Thread.sleep(PAUSE);
            }
        } catch (IOException | InterruptedException e) {
            // ssh has ended: finish() says so
        }
    }

    private void read() {
        byte[] chunk = new byte[CHUNK];
        InputStream in = ssh.getInputStream();
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                back.update(chunk, 0, n);
                received.addAndGet(n);
            }
        } catch (IOException e) {
            // as above
        }
    }

    /** Fails unless what is sent from now on makes its way there and back. */
    void goesOn(String when) throws Exception {
        long mark = sent.get() + SOME;
        try {
            Until.holds("bytes move " + when, PATIENCE, () -> {
                Assertions.assertTrue(ssh.isAlive(), () -> "ssh ended " + when + ": " + sshd.log());
                return received.get() > mark;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; " + sent + " bytes sent, " + received + " came back", e);
        }
    }

    /** Ends it; what arrived has to be what was sent, on either way. */
    void finish() throws Exception {
        enough = true;
        writer.join(PATIENCE.toMillis());
        Assertions.assertTrue(ssh.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "ssh does not end");
        Assertions.assertEquals(0, ssh.exitValue(), sshd::log);
        reader.join(PATIENCE.toMillis());
        Assertions.assertEquals(sent.get(), received.get());
        String sha256 = hex(there.digest());
        Assertions.assertEquals(sha256, hex(back.digest()), "what came back");
        MessageDigest written = MessageDigest.getInstance("SHA-256");
        Assertions.assertEquals(sha256, hex(written.digest(Files.readAllBytes(copy))), "what the server got");
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    @Override
    public void close() {
        enough = true;
        ssh.destroyForcibly().onExit().join();
    }
}
