package org.mayfly.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.mayfly.netlink.testing.Lab.Host;

/** A service: sends back what it gets, on every address of its host, IPv4 too. */
final class Echo implements AutoCloseable {
    private final ServerSocketChannel listener;

    Echo(Host host, int port) throws Exception {
        listener = host.call(ServerSocketChannel::open);
        listener.bind(new InetSocketAddress(InetAddress.getByName("::"), port));
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

    private static void serve(SocketChannel session) {
        ByteBuffer b = ByteBuffer.allocate(4096);
        try (session) {
            while (session.read(b) >= 0) {
                b.flip();
                session.write(b);
                b.clear();
            }
        } catch (IOException e) {
            // reset: what some of the tests are about
        }
    }

    private static void thread(Runnable work) {
        Thread t = new Thread(work, "echo");
        t.setDaemon(true);
        t.start();
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
