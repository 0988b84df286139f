package org.mayfly.agent.net;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.mayfly.knock.Ip6Address;

/** A loop of one transport with UDP sockets on it, and somebody who sends to the last of them over loopback. */
final class UdpWorld implements AutoCloseable {
    static final int LENGTH = 96;
    static final int ROOM = LENGTH + 1;

    final Transport transport;
    final MultiThreadIoEventLoopGroup group;
    final IoEventLoop loop;
    private final List<UdpSocket> sockets = new ArrayList<>();
    private final List<DatagramSocket> senders = new ArrayList<>();
    int port;

    UdpWorld(Transport transport) {
        this.transport = transport;
        this.group = transport.loop();
        this.loop = group.next();
    }

    UdpSocket listen(String address, PacketSink sink) throws IOException {
        port = freePort();
        UdpSocket s = transport.udp().open(loop, new InetSocketAddress(address(address), port), ROOM, sink);
        sockets.add(s);
        return s;
    }

    /** A socket that sends from an address, to {@link #port} of the same address. */
    DatagramSocket sender(String from) throws IOException {
        DatagramSocket s = new DatagramSocket(0, address(from));
        senders.add(s);
        return s;
    }

    void send(DatagramSocket from, byte[] bytes) throws IOException {
        from.send(new DatagramPacket(bytes, bytes.length, from.getLocalAddress(), port));
    }

    /** Keeps the loop busy; it goes on when the latch is counted down. */
    CountDownLatch holdLoop() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        loop.execute(() -> {
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

    <T> T onLoop(Callable<T> work) throws Exception {
        return loop.submit(work).get(10, TimeUnit.SECONDS);
    }

    static InetAddress address(String literal) {
        return Ip6Address.parse(literal).toInetAddress();
    }

    static int freePort() throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, address("::1"))) {
            return s.getLocalPort();
        }
    }

    @Override
    public void close() {
        senders.forEach(DatagramSocket::close);
        sockets.forEach(UdpSocket::close);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
