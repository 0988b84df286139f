package org.mayfly.packaging;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;
import org.mayfly.packaging.Party.Heard;
import org.mayfly.packaging.Party.Step;

/**
 * A backend of which the test knows what it does: on every address of its host, IPv4 too, and for each play what that says.
 * So the same play can be had on the direct way and on another, and compared.
 */
final class Stage implements AutoCloseable {
    /** What client and backend do; both have to come to an end. */
    record Play(String name, List<Step> client, List<Step> backend) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What the two have heard. */
    record Outcome(Heard client, Heard backend) {}

    private final ServerSocketChannel listener;
    private final BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();

    Stage(Host host, int port) throws Exception {
        this(host, "::", port);
    }

    /** On that address alone. */
    Stage(Host host, String address, int port) throws Exception {
        listener = host.call(ServerSocketChannel::open);
        listener.bind(new InetSocketAddress(InetAddress.getByName(address), port), 4096);
        Thread t = new Thread(this::accept, "stage");
        t.setDaemon(true);
        t.start();
    }

    private void accept() {
        try {
            while (true) {
                accepted.add(listener.accept());
            }
        } catch (IOException e) {
            // closed
        }
    }

    /** Has it played by somebody who connects there. */
    Outcome play(Host from, Ip6Address to, int port, Play play) throws Exception {
        CompletableFuture<Heard> client = new CompletableFuture<>();
        Thread t = new Thread(
                () -> {
                    try {
                        client.complete(Party.run(connect(from, to, port), play.client()));
                    } catch (Exception e) {
                        client.completeExceptionally(e);
                    }
                },
                "client");
        t.setDaemon(true);
        t.start();
        Heard backend = Party.run(next(), play.backend()).shortened();
        return new Outcome(client.get(1, TimeUnit.MINUTES).shortened(), backend);
    }

    /** The connection that came next. */
    SocketChannel next() throws InterruptedException, ExecutionException {
        SocketChannel channel = accepted.poll(Party.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (channel == null) {
            return Assertions.fail("nobody came");
        }
        return channel;
    }

    int waiting() {
        return accepted.size();
    }

    static SocketChannel connect(Host from, Ip6Address to, int port) throws Exception {
        return from.call(() -> SocketChannel.open(new InetSocketAddress(to.toInetAddress(), port)));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : accepted) {
            channel.close();
        }
    }
}
