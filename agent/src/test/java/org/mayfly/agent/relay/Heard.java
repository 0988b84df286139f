package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.mayfly.agent.net.PacketSink;

/** Keeps what the knock check is given, and on which thread. */
final class Heard implements PacketSink {
    private final BlockingQueue<byte[]> packets = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> threads = new LinkedBlockingQueue<>();
    private int burst;

    @Override
    public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
        burst++;
        packets.add(Arrays.copyOfRange(block, offset, offset + length));
    }

    @Override
    public void burstOver() {
        threads.add(burst + " on " + Thread.currentThread().getName());
        burst = 0;
    }

    byte[] next() throws InterruptedException {
        byte[] packet = packets.poll(10, TimeUnit.SECONDS);
        assertNotNull(packet, "the knock check was given nothing");
        return packet;
    }

    /** How many packets a burst had, and where. */
    String nextBurst() throws InterruptedException {
        String thread = threads.poll(10, TimeUnit.SECONDS);
        assertNotNull(thread, "the knock check was given nothing");
        return thread;
    }

    boolean nothing() {
        return packets.isEmpty();
    }
}
