package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A socket that cannot be read for a while: the loop does not spin, it is told once, and then all goes on. */
@Timeout(60)
final class UdpPauseTest {
    private static final Logger LOG = Logger.getLogger(UdpSocket.class.getName());

    private final Arrivals arrivals = new Arrivals();
    private final List<LogRecord> log = new ArrayList<>();

    /** When it was tried. Only touched on the loop. */
    private final List<Long> attempts = new ArrayList<>();

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
        LOG.setUseParentHandlers(false);
    }

    @AfterEach
    void stop() {
        LOG.removeHandler(handler);
        LOG.setUseParentHandlers(true);
    }

    static Stream<Transport> transports() {
        return ListenersTest.transports();
    }

    /** A socket of the transport's kind that fails three times when there is something to read. */
    private UdpSocket failing(UdpWorld w) throws IOException {
        InetSocketAddress address = new InetSocketAddress(UdpWorld.address("::1"), UdpWorld.freePort());
        w.port = address.getPort();
        UdpSocket socket;
        if (w.transport.name().equals("epoll")) {
            socket = new FailingEpoll(w.loop, EpollUdpSocket.bound(w.loop, address));
        } else {
            socket = new FailingNio(w.loop, NioUdpSocket.bound(address));
        }
        socket.start();
        return socket;
    }

    private void attempt() throws IOException {
        attempts.add(System.nanoTime());
        if (attempts.size() <= 3) {
            throw new IOException("it does not work");
        }
    }

    private final class FailingEpoll extends EpollUdpSocket {
        FailingEpoll(IoEventLoop loop, EpollDatagramChannel channel) throws IOException {
            super(loop, channel, "UDP here", UdpWorld.ROOM, arrivals);
        }

        @Override
        int burst() throws IOException {
            attempt();
            return super.burst();
        }
    }

    private final class FailingNio extends NioUdpSocket {
        FailingNio(IoEventLoop loop, DatagramChannel channel) {
            super(loop, channel, "UDP here", UdpWorld.ROOM, arrivals);
        }

        @Override
        int burst() throws IOException {
            attempt();
            return super.burst();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void isTriedAgainEverySecond(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport);
                UdpSocket socket = failing(w)) {
            w.send(w.sender("::1"), new byte[] {1});
            assertEquals(1, arrivals.next().bytes().length);
            List<Long> at = w.onLoop(() -> List.copyOf(attempts));
            assertEquals(4, at.size());
            for (int i = 1; i < 4; i++) {
                assertTrue(at.get(i) - at.get(i - 1) > 900_000_000L, at::toString);
            }
            assertEquals(1, log.size());
            assertEquals(
                    "UDP here cannot be read; trying again every second",
                    log.get(0).getMessage());
            w.send(w.sender("::1"), new byte[] {1});
            arrivals.next();
            assertEquals(0, socket.dropped());
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closedMeanwhileItStaysClosed(Transport transport) throws Exception {
        try (UdpWorld w = new UdpWorld(transport)) {
            UdpSocket socket = failing(w);
            w.send(w.sender("::1"), new byte[] {1});
            while (w.onLoop(attempts::isEmpty)) {
                Thread.onSpinWait();
            }
            socket.close();
            attempts.addAll(List.of(0L, 0L, 0L));
            try (UdpSocket next = failing(w)) {
                assertTrue(next.receiveBuffer() > 0);
                w.send(w.sender("::1"), new byte[] {1});
                arrivals.next();
                assertEquals(1, log.size());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aLoopThatEndsMeanwhileLeavesNothing(Transport transport) throws Exception {
        UdpWorld w = new UdpWorld(transport);
        UdpSocket socket = failing(w);
        w.send(w.sender("::1"), new byte[] {1});
        while (w.onLoop(attempts::isEmpty)) {
            Thread.onSpinWait();
        }
        w.close();
        socket.close();
        try (DatagramChannel again = NioUdpSocket.bound(new InetSocketAddress(UdpWorld.address("::1"), w.port))) {
            assertTrue(again.isOpen(), "the port is free again");
        }
    }
}
