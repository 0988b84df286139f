package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.net.Transport;
import org.mayfly.netlink.sys.UdpDescriptor;

@Timeout(60)
final class WatchedSocketTest {
    private final MultiThreadIoEventLoopGroup group = Transport.epoll().loop("watched");
    private final IoEventLoop loop = group.next();

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static void send(UdpDescriptor to) throws Exception {
        try (DatagramSocket s = new DatagramSocket()) {
            s.send(new DatagramPacket(new byte[1], 1, UdpRelayWorld.at("::1", to.localPort())));
        }
    }

    @Test
    void anErrorEndsTheSocketAndNotTheLoop() throws Exception {
        UdpDescriptor d = UdpDescriptor.listening(false, 0);
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        WatchedSocket socket = new WatchedSocket(
                loop,
                d,
                s -> {
                    throw new OutOfMemoryError("as netty says of direct memory");
                },
                (s, e) -> {
                    told.complete(e);
                    s.close();
                });
        watch(socket);
        send(d);
        assertEquals(OutOfMemoryError.class, told.get().getClass());
        assertTrue(loop.submit(() -> true).get());
    }

    @Test
    void afterAPauseItIsRead() throws Exception {
        UdpDescriptor d = UdpDescriptor.listening(false, 0);
        CompletableFuture<Boolean> read = new CompletableFuture<>();
        WatchedSocket socket = new WatchedSocket(
                loop,
                d,
                s -> {
                    read.complete(true);
                    s.close();
                },
                (s, e) -> read.completeExceptionally(e));
        watch(socket);
        loop.submit(socket::pause).get();
        send(d);
        assertTrue(read.get());
    }

    /** Here the descriptor is gone; EBADF. */
    @Test
    void whatCannotBeWatchedIsTriedAgainOnceASecond() throws Exception {
        UdpDescriptor d = UdpDescriptor.listening(false, 0);
        AtomicInteger failures = new AtomicInteger();
        WatchedSocket socket = new WatchedSocket(loop, d, s -> {}, (s, e) -> {
            failures.incrementAndGet();
            s.pause();
        });
        d.close();
        loop.submit(() -> {
                    socket.pause();
                    socket.pause();
                })
                .get();
        // later than the first try, and earlier than the second: timers run in the order of their deadlines
        int first = loop.schedule(failures::get, 1500, TimeUnit.MILLISECONDS).get();
        assertEquals(1, first);
        UdpRelayWorld.until("it is tried again", () -> failures.get() > 1);
        loop.submit(socket::close).get();
    }

    private void watch(WatchedSocket socket) throws Exception {
        loop.submit(() -> {
                    socket.watch();
                    return 0;
                })
                .get();
    }
}
