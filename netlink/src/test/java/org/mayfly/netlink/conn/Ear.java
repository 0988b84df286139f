package org.mayfly.netlink.conn;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what comes, for another thread to wait for; a test may have it do more. */
class Ear implements EventHandler {
    static final int OVERRUN = -1;

    /** Milliseconds. */
    static final int PATIENCE = 10_000;

    /**
     * What came, where.
     *
     * @param type {@link #OVERRUN}, or {@code nlmsg_type}
     */
    record Heard(int type, Thread on) {}

    final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<Exception> failed = new LinkedBlockingQueue<>();

    @Override
    public void event(int type, ByteBuffer buffer, int offset, int length) {
        heard.add(new Heard(type, Thread.currentThread()));
    }

    @Override
    public void overrun() {
        heard.add(new Heard(OVERRUN, Thread.currentThread()));
    }

    Heard next() throws Exception {
        Heard next = heard.poll(PATIENCE, TimeUnit.MILLISECONDS);
        assertNotNull(next, () -> "nothing came; failures: " + failed);
        return next;
    }

    void until(int type) throws Exception {
        while (next().type != type) {}
    }
}
