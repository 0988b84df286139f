package org.mayfly.agent.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;

/** A relay of a UDP port on loopback, with a daemon behind it, its clients, and an agent that lets in whom it is told to. */
final class UdpRelayWorld implements AutoCloseable {
    static final Duration IDLE = Duration.ofMinutes(5);

    /** Who was asked about. */
    record Asked(Ip6Address source, Ip6Address door) {}

    final MultiThreadIoEventLoopGroup main;
    final MultiThreadIoEventLoopGroup pipes;
    final UdpTargetDaemon daemon;
    final int port;
    final AtomicLong later = new AtomicLong();
    final List<Asked> asked = new ArrayList<>();
    volatile boolean letsIn = true;
    private final List<Closeable> open = new ArrayList<>();

    UdpRelayWorld() throws Exception {
        this("127.0.0.1");
    }

    /** In the network namespace of the calling thread, where all that it makes stays. */
    UdpRelayWorld(String daemonAt) throws Exception {
        Transport transport = Transport.epoll();
        main = transport.loop("main");
        pipes = transport.loop("pipes");
        for (EventLoop loop : List.of(main.next(), pipes.next())) {
            loop.submit(() -> {}).sync(); // its thread is made now, and is where this one is
        }
        daemon = new UdpTargetDaemon(daemonAt, 0);
        try (DatagramSocket free = new DatagramSocket(0)) {
            port = free.getLocalPort();
        }
    }

    Target target() {
        return new Target("127.0.0.1", daemon.port(), ProxyHeader.NONE, false);
    }

    UdpRelayPort relay() throws IOException {
        return relay(target(), UdpLimits.of(10_000), false);
    }

    UdpRelayPort relay(Target target, UdpLimits limits, boolean ipv4) throws IOException {
        UdpRelayPort relay =
                new UdpRelayPort(Transport.epoll(), main, pipes, port, target, IDLE, limits, this::admits, this::now);
        open.add(relay::close);
        relay.bind(ipv4);
        return relay;
    }

    private boolean admits(Ip6Address source, Ip6Address door, Protocol protocol, int to) {
        Assertions.assertTrue(main.next().inEventLoop());
        asked.add(new Asked(source, door));
        return letsIn && protocol == Protocol.UDP && to == port;
    }

    private long now() {
        return System.nanoTime() + later.get();
    }

    static InetAddress inet(String literal) {
        return Ip6Address.parse(literal).toInetAddress();
    }

    static InetSocketAddress at(String literal, int port) {
        return new InetSocketAddress(inet(literal), port);
    }

    DatagramSocket client(String address) throws IOException {
        DatagramSocket s = new DatagramSocket(new InetSocketAddress(inet(address), 0));
        s.setSoTimeout(5000);
        open.add(s);
        return s;
    }

    void send(DatagramSocket client, String door, byte... bytes) throws IOException {
        client.send(new DatagramPacket(bytes, bytes.length, inet(door), port));
    }

    /** What comes to a socket, from wherever. */
    static byte[] bytes(DatagramSocket s) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[65536], 65536);
        s.receive(p);
        return Arrays.copyOf(p.getData(), p.getLength());
    }

    /** What comes to a client, from the door and its port and nowhere else. */
    byte[] receive(DatagramSocket client, String door) throws IOException {
        DatagramPacket p = new DatagramPacket(new byte[65536], 65536);
        client.receive(p);
        Assertions.assertEquals(new InetSocketAddress(inet(door), port), p.getSocketAddress());
        return Arrays.copyOf(p.getData(), p.getLength());
    }

    /** There and back; gives what the daemon saw. */
    UdpTargetDaemon.Got roundTrip(DatagramSocket client, String door, byte... bytes) throws Exception {
        send(client, door, bytes);
        Assertions.assertArrayEquals(bytes, receive(client, door));
        return daemon.next();
    }

    /** Keeps a loop busy until the latch is counted down. */
    static CountDownLatch hold(MultiThreadIoEventLoopGroup group) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        group.next().execute(() -> {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        held.await();
        return release;
    }

    <T> T onPipes(Callable<T> work) throws Exception {
        return pipes.next().submit(work).get(10, TimeUnit.SECONDS);
    }

    static void until(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!holds.getAsBoolean()) {
            Assertions.assertTrue(System.nanoTime() < end, () -> "not within 10 s: " + what);
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws IOException {
        for (Closeable c : open) {
            c.close();
        }
        daemon.close();
        main.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        pipes.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
