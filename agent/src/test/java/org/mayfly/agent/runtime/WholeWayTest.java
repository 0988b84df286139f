package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.PacketSink;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Packet;

/**
 * From the socket to the log, on the loop: what a refusal allocates there, by the JVM's own account of that thread, and
 * that no knock is lost among junk.
 */
@Timeout(120)
final class WholeWayTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What the loop is given to find out costs some hundred bytes, whatever comes in. */
    private static final int MEASURING = 1024;

    private static final int ROUNDS = 6;
    private static final int PACKETS = 20_000;

    /** From one packet to the next where more than 10,000 in a second would be a flood, of which none is looked at. */
    private static final long APART = 110_000;

    private static final int PACKETS_APART = 5_000;

    /** Under way at once: they have room in any receive buffer. */
    private static final int UNDER_WAY = 128;

    private static final int KNOCKS = 1000;
    private static final int JUNK = 20_000;

    @TempDir
    Path state;

    private final EventLoopGroup group = Transport.best().loop();
    private final Random random = new Random(7);
    private TestAgent w;
    private Listeners listeners;
    private DatagramSocket socket;
    private InetSocketAddress to;
    private Counted counted;
    private long sent;

    /** Hands on to the agent's loop, and tells how many it has judged. */
    private static final class Counted implements PacketSink {
        private final PacketSink sink;
        private volatile long packets;

        Counted(PacketSink sink) {
            this.sink = sink;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
            sink.packet(block, offset, length, sourceHigh, sourceLow);
            packets++;
        }

        @Override
        public void burstOver() {
            sink.burstOver();
        }
    }

    @BeforeEach
    void start() throws Exception {
        Logging.install(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false);
        w = new TestAgent(group, state, new Quota(KNOCKS, KNOCKS, Quota.Full.REFUSE));
        counted = new Counted(w.loop);
        listeners = new Listeners(Transport.best(), group, Packet.LENGTH, counted);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        socket = new DatagramSocket(0, loopback);
        to = new InetSocketAddress(loopback, TestAgent.freePort(loopback));
        listeners.udp(to);
    }

    @AfterEach
    void stop() throws Exception {
        socket.close();
        listeners.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        w.close();
    }

    @Test
    void junkAllocatesNothing() throws Exception {
        byte[] junk = junk();
        assertAllocatesNothing(Verdict.GATE, PACKETS, 0, () -> junk);
    }

    @Test
    void aReplayAllocatesNothing() throws Exception {
        byte[] knock = w.knock();
        send(knock);
        awaitJudged();
        assertEquals(1, count(Verdict.ACCEPTED));
        assertAllocatesNothing(Verdict.NONCE, PACKETS, 0, () -> knock);
    }

    /** Of a client that may knock no more: it is proved, its mark is raised, and the refusal is heard of by all. */
    @Test
    void aKnockTooManyAllocatesNothing() throws Exception {
        w.quota(new Quota(KNOCKS, 0, Quota.Full.REFUSE));
        assertAllocatesNothing(Verdict.RATE, PACKETS_APART, APART, w::knock);
    }

    @Test
    void noKnockIsLostAmongJunk() throws Exception {
        List<Boolean> order = new ArrayList<>(Collections.nCopies(KNOCKS, true));
        order.addAll(Collections.nCopies(JUNK, false));
        Collections.shuffle(order, random);
        List<byte[]> packets =
                order.stream().map(genuine -> genuine ? w.knock() : junk()).toList();
        for (byte[] packet : packets) {
            send(packet);
        }
        awaitJudged();
        assertEquals(0, w.loop.await(listeners::dropped));
        assertEquals(KNOCKS, count(Verdict.ACCEPTED));
        assertEquals(JUNK, count(Verdict.GATE));
        assertEquals(KNOCKS, w.loop.await(() -> w.kernel.permits().size()));
    }

    private byte[] junk() {
        byte[] junk = new byte[Packet.LENGTH];
        random.nextBytes(junk);
        return junk;
    }

    /**
     * In the best of some rounds: the first ones load and compile.
     *
     * @param apart nanoseconds from one packet to the next, at least
     */
    private void assertAllocatesNothing(Verdict expected, int count, long apart, Supplier<byte[]> packets)
            throws Exception {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> next = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                next.add(packets.get());
            }
            long refused = count(expected);
            long before = w.loop.await(THREADS::getCurrentThreadAllocatedBytes);
            long begun = System.nanoTime();
            for (int i = 0; i < count; i++) {
                while (System.nanoTime() - begun < i * apart) {
                    Thread.onSpinWait();
                }
                send(next.get(i));
            }
            awaitJudged();
            least = Math.min(least, w.loop.await(THREADS::getCurrentThreadAllocatedBytes) - before);
            assertEquals(count, count(expected) - refused);
        }
        long bytes = least;
        assertTrue(bytes <= MEASURING, () -> bytes + " bytes for " + count + " packets");
    }

    private void send(byte[] packet) throws IOException {
        while (sent - counted.packets >= UNDER_WAY) {
            Thread.onSpinWait();
        }
        socket.send(new DatagramPacket(packet, packet.length, to));
        sent++;
    }

    private void awaitJudged() {
        while (counted.packets < sent) {
            Thread.onSpinWait();
        }
    }

    private long count(Verdict verdict) throws Exception {
        return w.loop.await(() -> w.agent.verdicts().getOrDefault(verdict, 0L));
    }
}
