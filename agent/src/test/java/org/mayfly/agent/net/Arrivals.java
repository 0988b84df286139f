package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what arrives, and how many packets each burst had. */
final class Arrivals implements PacketSink {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Arrival(byte[] bytes, long high, long low) {}

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> bursts = new LinkedBlockingQueue<>();
    private int burst;
    private volatile int count;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
        burst++;
        count++; // first, for who has got it may ask
        arrivals.add(new Arrival(Arrays.copyOfRange(block, offset, offset + length), sourceHigh, sourceLow));
    }

    @Override
    public void burstOver() {
        bursts.add(burst);
        burst = 0;
    }

    /** How many packets have arrived. */
    int count() {
        return count;
    }

    Arrival next() throws InterruptedException {
        return next(arrivals);
    }

    /** How many packets the next burst had. */
    int nextBurst() throws InterruptedException {
        return next(bursts);
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T a = queue.poll(10, TimeUnit.SECONDS);
        assertNotNull(a, "nothing arrived");
        return a;
    }
}
