package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A thread that sends packets as fast as it can, by turns from several sources, until it is closed. */
final class Flood implements AutoCloseable {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean over;

    Flood(UdpWorld w, int sources) throws IOException {
        List<DatagramSocket> senders = new ArrayList<>();
        for (int i = 0; i < sources; i++) {
            senders.add(w.sender(i == 0 ? "::1" : "127.0.0." + i));
        }
        thread = new Thread(() -> run(w, senders), "flood");
        thread.start();
    }

    private void run(UdpWorld w, List<DatagramSocket> senders) {
        byte[] junk = new byte[UdpWorld.LENGTH];
        while (!over) {
            for (DatagramSocket s : senders) {
                try {
                    w.send(s, junk);
                } catch (IOException e) {
                    // refused while nobody listens
                }
            }
            begun.countDown();
        }
    }

    void awaitBegin() throws InterruptedException {
        assertTrue(begun.await(10, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
