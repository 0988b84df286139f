package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Packet;

/**
 * One knock on its way. Nothing here blocks: a selector says when there is something to do. The server never answers, so
 * all that can be learned is that a knock could not be sent, or that somebody on the way objects.
 */
abstract sealed class Delivery implements Closeable {
    private final Draft draft;
    private @Nullable Knock knock;
    private @Nullable String objection;
    private boolean denied;
    private boolean over;
    private long since = System.nanoTime();

    private Delivery(Draft draft) {
        this.draft = draft;
    }

    /** Sets out. What goes wrong is an objection; nothing is thrown. */
    static Delivery start(Draft draft, Selector selector) {
        Delivery d = draft.knock().way().carrier() == Carrier.UDP ? new Datagram(draft) : new Connection(draft);
        d.guarded(true, () -> d.begin(selector));
        return d;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** @param here whether what goes wrong now goes wrong on this machine: else somebody on the way said so by ICMP */
    private void guarded(boolean here, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            if (objects()) {
                denied = here && isRefusal(e);
                objection = !here && isRefusal(e) ? "forbidden on the way" : reason(e);
            }
            close();
        }
    }

    private static String reason(IOException e) {
        return e instanceof PortUnreachableException ? "nothing listens there" : Failure.reason(e);
    }

    /** EPERM of a local filter, EACCES of a route; or EACCES of an ICMPv6 message "administratively prohibited". */
    private static boolean isRefusal(IOException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("not permitted") || text.contains("Permission denied");
    }

    /** Goes on after the selector has said that something can be done. */
    final void proceed() {
        guarded(false, this::step);
    }

    /** Gives up what takes too long. */
    final void tire(long now) {
        if (!over && now - since > patience().toNanos()) {
            if (knock == null) {
                objection = "no answer";
            }
            close();
        }
    }

    final Way way() {
        return draft.knock().way();
    }

    /** What was sent; null as long as nothing was. */
    final @Nullable Knock knock() {
        return knock;
    }

    /** Why it could not be sent, or what came back against it; null if nothing did. */
    final @Nullable String objection() {
        return objection;
    }

    /** Whether it was this machine that did not let it go. */
    final boolean denied() {
        return denied;
    }

    /** Whether nothing more is to be done. */
    final boolean over() {
        return over;
    }

    /** Seals the knock, and sends it by one call: in one datagram, or one segment. */
    final void send(WritableByteChannel channel) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(Packet.LENGTH);
        Knock k = draft.seal(packet);
        channel.write(packet.flip());
        if (packet.hasRemaining()) {
            throw new IOException("no room to send");
        }
        knock = k;
        since = System.nanoTime();
    }

    final Draft draft() {
        return draft;
    }

    @Override
    public final void close() {
        over = true;
        try {
            SelectableChannel c = channel();
            if (c != null) {
                c.close();
            }
        } catch (IOException e) {
            // everything it had to say was said before
        }
    }

    abstract void begin(Selector selector) throws IOException;

    abstract void step() throws IOException;

    abstract @Nullable SelectableChannel channel();

    /** Whether an error that comes now says something about the knock. */
    abstract boolean objects();

    /** How long the state that it is in may last. */
    abstract Duration patience();

    /** One datagram. The socket stays open, to hear an ICMP error. */
    private static final class Datagram extends Delivery {
        private @Nullable DatagramChannel channel;

        Datagram(Draft draft) {
            super(draft);
        }

        @Override
        void begin(Selector selector) throws IOException {
            DatagramChannel c = DatagramChannel.open(way().family());
            channel = c;
            c.configureBlocking(false);
            InetSocketAddress local = local(draft().knock());
            if (local != null) {
                c.bind(local);
            }
            c.connect(way().server());
            send(c);
            c.register(selector, SelectionKey.OP_READ, this);
        }

        @Override
        void step() throws IOException {
            if (channel != null) {
                channel.read(ByteBuffer.allocate(1)); // throws what came by ICMP
            }
        }

        @Override
        @Nullable
        SelectableChannel channel() {
            return channel;
        }

        @Override
        boolean objects() {
            return true;
        }

        @Override
        Duration patience() {
            return Duration.ofMinutes(1);
        }
    }

    /**
     * The first bytes of a connection. After them the server closes, or hands the connection to what it shares the port
     * with, which may say something: that is read and forgotten, since to close a socket with something unread in it is
     * to reset the connection (RFC 1122, 4.2.2.13), and a reset that overtakes the knock destroys it.
     */
    private static final class Connection extends Delivery {
        /** How long a server may take to accept. */
        private static final Duration ACCEPT = Duration.ofSeconds(5);

        /** How long it may take to close. Long enough for a lost segment to be sent again. */
        private static final Duration CLOSE = Duration.ofSeconds(1);

        private static final int MUCH = 65_536;

        private @Nullable SocketChannel channel;
        private @Nullable SelectionKey key;
        private int read;

        Connection(Draft draft) {
            super(draft);
        }

        @Override
        void begin(Selector selector) throws IOException {
            SocketChannel c = SocketChannel.open(way().family());
            channel = c;
            c.configureBlocking(false);
            InetSocketAddress local = local(draft().knock());
            if (local != null) {
                c.bind(local);
            }
            c.setOption(StandardSocketOptions.TCP_NODELAY, true);
            key = c.register(selector, SelectionKey.OP_CONNECT, this);
            if (c.connect(way().server())) {
                connected(c);
            }
        }

        @Override
        void step() throws IOException {
            SocketChannel c = channel;
            if (c == null) {
                return;
            }
            if (knock() != null) {
                drain(c);
            } else if (c.finishConnect()) {
                connected(c);
            }
        }

        private void connected(SocketChannel c) throws IOException {
            // On one machine a socket can connect to itself, when the port it was given is the one it connects to.
            if (c.getLocalAddress().equals(c.getRemoteAddress())) {
                throw new IOException("Connection refused");
            }
            send(c);
            c.shutdownOutput();
            listen(SelectionKey.OP_READ);
        }

        private void drain(SocketChannel c) throws IOException {
            int n = c.read(ByteBuffer.allocate(4096));
            read += Math.max(n, 0);
            if (n < 0) {
                close();
            } else if (read > MUCH) {
                listen(0); // enough: what it shares the port with never stops
            }
        }

        private void listen(int operations) {
            if (key != null) {
                key.interestOps(operations);
            }
        }

        @Override
        @Nullable
        SelectableChannel channel() {
            return channel;
        }

        @Override
        boolean objects() {
            return knock() == null; // a reset afterwards is what a shared port does whose other user is down
        }

        @Override
        Duration patience() {
            return knock() == null ? ACCEPT : CLOSE;
        }
    }

    private static @Nullable InetSocketAddress local(Knock k) {
        return k.sender() == null ? null : new InetSocketAddress(k.sender(), 0);
    }
}
