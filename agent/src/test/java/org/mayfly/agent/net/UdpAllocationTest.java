package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the loop's thread allocates while packets come in, by the JVM's own account of that thread. */
@Timeout(120)
final class UdpAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What the loop is given to find out costs a few hundred bytes, whatever comes in. */
    private static final int MEASURING = 1024;

    private static final int PACKETS = 30_000;

    /** The JDK's channel makes an address for another sender than the one before: 214 bytes on JDK 17, 270 on JDK 25. */
    private static final int ADDRESS = Runtime.version().feature() < 25 ? 256 : 288;

    static Stream<Transport> transports() {
        return ListenersTest.transports();
    }

    /** The least of several rounds: at first it is the compiler and the class loader that allocate. */
    private static long allocated(Transport transport, int sources) throws Exception {
        Nowhere sink = new Nowhere();
        try (UdpWorld w = new UdpWorld(transport)) {
            w.listen("::", sink);
            try (Flood flood = new Flood(w, sources)) {
                flood.awaitBegin();
                long least = Long.MAX_VALUE;
                for (int round = 0; round < 5; round++) {
                    long before = w.onLoop(THREADS::getCurrentThreadAllocatedBytes);
                    long end = sink.packets() + PACKETS;
                    while (sink.packets() < end) {
                        Thread.onSpinWait();
                    }
                    least = Math.min(least, w.onLoop(THREADS::getCurrentThreadAllocatedBytes) - before);
                }
                return least;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aFloodOfOneSourceAllocatesNothing(Transport transport) throws Exception {
        long bytes = allocated(transport, 1);
        assertTrue(bytes <= MEASURING, () -> bytes + " bytes for " + PACKETS + " packets");
    }

    @Test
    void aFloodOfManySourcesAllocatesNothingOnTheNativeTransport() throws Exception {
        long bytes = allocated(Transport.epoll(), 8);
        assertTrue(bytes <= MEASURING, () -> bytes + " bytes for " + PACKETS + " packets");
    }

    @Test
    void aFloodOfManySourcesAllocatesAddressesOnThePortableOne() throws Exception {
        long bytes = allocated(Transport.nio(), 8) / PACKETS;
        assertTrue(bytes <= ADDRESS, () -> bytes + " bytes for a packet");
    }
}
