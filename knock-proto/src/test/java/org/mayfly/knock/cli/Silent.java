package org.mayfly.knock.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** A listener whose queue is full and stays so: the kernel drops every further SYN. */
final class Silent implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Socket> queue = new ArrayList<>();

    Silent() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        for (int i = 0; i < 10; i++) {
            Socket s = new Socket();
            queue.add(s);
            try {
                s.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 200);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        throw new AssertionError("the queue never fills here");
    }

    /** Empties the queue from now on. */
    void answer() {
        Thread t = new Thread(
                () -> {
                    try {
                        while (true) {
                            listener.accept().close();
                        }
                    } catch (IOException e) {
                        // closed: the test is over
                    }
                },
                "silent-no-more");
        t.setDaemon(true);
        t.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        for (Socket s : queue) {
            s.close();
        }
        listener.close();
    }
}
