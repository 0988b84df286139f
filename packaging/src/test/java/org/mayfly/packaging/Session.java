package org.mayfly.packaging;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;

/** A TCP connection to an {@link Echo}, and what becomes of an attempt to have one. */
final class Session implements AutoCloseable {
    /** A SYN is sent again after 1 s, so the answer to either of two would be seen. */
    static final Duration PATIENCE = Duration.ofMillis(1300);

    /** What an attempt met with. */
    enum Met {
        IN,
        REFUSED,
        /** No answer at all. */
        SILENCE,
        UNREACHABLE
    }

    private final SocketChannel channel;

    private Session(SocketChannel channel) {
        this.channel = channel;
    }

    /** What somebody meets who connects from there. */
    static Met attempt(Host from, Ip6Address to, int port) throws Exception {
        return attempt(from, null, to, port, PATIENCE);
    }

    static Met attempt(Host from, @Nullable Ip6Address source, Ip6Address to, int port, Duration patience)
            throws Exception {
        try {
            open(from, source, to, port, patience).close();
            return Met.IN;
        } catch (SocketTimeoutException e) {
            return Met.SILENCE;
        } catch (NoRouteToHostException e) {
            return Met.UNREACHABLE;
        } catch (SocketException e) {
            String why = String.valueOf(e.getMessage());
            if (why.contains("refused")) {
                return Met.REFUSED;
            }
            throw e;
        }
    }

    static Session open(Host from, Ip6Address to, int port) throws Exception {
        return open(from, null, to, port, Duration.ofSeconds(5));
    }

    private static Session open(Host from, @Nullable Ip6Address source, Ip6Address to, int port, Duration patience)
            throws Exception {
        return from.call(() -> {
            SocketChannel channel = SocketChannel.open();
            try {
                if (source != null) {
                    channel.bind(new InetSocketAddress(source.toInetAddress(), 0));
                }
                channel.socket().connect(new InetSocketAddress(to.toInetAddress(), port), (int) patience.toMillis());
                return new Session(channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        });
    }

    /** Fails unless what is sent comes back. */
    void assertAlive() throws IOException {
        channel.socket().setSoTimeout(5000);
        channel.socket().getOutputStream().write('?');
        Assertions.assertEquals('?', channel.socket().getInputStream().read());
    }

    /** Fails unless that comes first, by itself. */
    void assertHears(char greeting) throws IOException {
        channel.socket().setSoTimeout(5000);
        Assertions.assertEquals(greeting, channel.socket().getInputStream().read());
    }

    /** Fails unless the other side ends it within that time, in one way or the other. */
    void assertOver(Duration within) throws IOException {
        channel.socket().setSoTimeout((int) within.toMillis());
        try {
            Assertions.assertEquals(-1, channel.socket().getInputStream().read());
        } catch (SocketTimeoutException e) {
            Assertions.fail("it is open still after " + within, e);
        } catch (SocketException e) {
            // reset
        }
    }

    /** Fails unless what is sent is lost, and nobody says so. */
    void assertHangs() throws IOException {
        channel.socket().setSoTimeout((int) PATIENCE.toMillis());
        channel.socket().getOutputStream().write('?');
        Assertions.assertThrows(
                SocketTimeoutException.class,
                () -> channel.socket().getInputStream().read());
    }

    /** Fails unless the other side resets it within that time. */
    void assertReset(Duration within) throws IOException {
        channel.socket().setSoTimeout((int) within.toMillis());
        SocketException reset = Assertions.assertThrows(
                SocketException.class, () -> channel.socket().getInputStream().read());
        Assertions.assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset::toString);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
