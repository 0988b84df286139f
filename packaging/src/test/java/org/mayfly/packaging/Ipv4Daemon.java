package org.mayfly.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.testing.Lab.Host;

/** A daemon that knows of 127.0.0.1 only: says one letter to who comes, and sends back what it gets. */
final class Ipv4Daemon implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final char greeting;
    private final BlockingQueue<String> endings = new LinkedBlockingQueue<>();

    /** @param greeting tells which of several it is */
    Ipv4Daemon(Host host, int port, char greeting) throws Exception {
        this.greeting = greeting;
        listener = host.call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET));
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        thread(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel session = listener.accept();
                thread(() -> serve(session));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(SocketChannel session) {
        ByteBuffer b = ByteBuffer.allocate(1 << 16);
        try (session) {
            session.write(ByteBuffer.wrap(new byte[] {(byte) greeting}));
            while (session.read(b) >= 0) {
                b.flip();
                while (b.hasRemaining()) {
                    session.write(b);
                }
                b.clear();
            }
            endings.add("ended");
        } catch (IOException e) {
            endings.add("reset");
        }
    }

    private static void thread(Runnable work) {
        Thread t = new Thread(work, "ipv4-daemon");
        t.setDaemon(true);
        t.start();
    }

    /** How the next of its sessions ends: {@code ended} or {@code reset}. */
    String ending(Duration within) throws InterruptedException {
        String how = endings.poll(within.toMillis(), TimeUnit.MILLISECONDS);
        Assertions.assertNotNull(how, "no session ended within " + within);
        return how;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
