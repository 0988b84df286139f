package org.mayfly.packaging;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One end of a TCP connection: it does what it was told to, and writes down what it hears and how that ends. Bytes are
 * characters of ISO 8859-1.
 */
final class Party implements AutoCloseable {
    /** Longer than anything that a party is told to wait for. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What is longer than this is written down as its length and digest. */
    private static final int SHOWN = 4096;

    /** What a party does, one after the other; it listens at the end until nothing more can come. */
    sealed interface Step permits Send, Drip, Hear, Count, Rest, Finish, Reset, Leave {}

    /** Sends them in one write, if there is room. */
    record Send(String octets) implements Step {}

    /** Sends each in a segment of its own. */
    record Drip(String octets) implements Step {}

    /** Goes on when it has heard that, after what it has waited for before. */
    record Hear(String octets) implements Step {}

    /** Goes on when so many bytes have come in all; not after a {@link Hear}. */
    record Count(int octets) implements Step {}

    /** Does not read meanwhile. */
    record Rest(Duration time) implements Step {}

    /** Sends no more (FIN), and listens. */
    record Finish() implements Step {}

    /** Ends it by a reset (SO_LINGER 0). */
    record Reset() implements Step {}

    /** Goes away without waiting for the end. */
    record Leave() implements Step {}

    /** How it ended, as the party saw it. */
    enum End {
        FIN,
        RESET,
        /** It was the party itself that ended it. */
        OWN,
        /** It had not ended after {@link #PATIENCE}. */
        NONE
    }

    /** What a party has heard. */
    record Heard(String octets, End end) {
        /** The same with all of that replaced by a star. */
        Heard without(String regex) {
            return new Heard(octets.replaceAll(regex, "*"), end);
        }

        /** Long ones as length and digest, so that a difference can be printed. */
        Heard shortened() throws NoSuchAlgorithmException {
            if (octets.length() <= SHOWN) {
                return this;
            }
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(octets.getBytes(StandardCharsets.ISO_8859_1));
            String sha256 = HexFormat.of().formatHex(digest);
            return new Heard(octets.length() + " bytes, SHA-256 " + sha256, end);
        }
    }

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16);
    private final StringBuilder heard = new StringBuilder();
    private int mark;
    private End end = End.NONE;

    private Party(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Does all of it on a connection, and closes that. */
    static Heard run(SocketChannel channel, List<Step> steps) throws IOException {
        try (channel;
                Party party = new Party(channel)) {
            boolean more = true;
            for (Step step : steps) {
                more = more && party.take(step);
            }
            if (more) {
                party.listen(PATIENCE, () -> false);
            }
            return new Heard(party.heard.toString(), party.end);
        }
    }

    /** Whether there is anything to do afterwards. */
    private boolean take(Step step) throws IOException {
        if (step instanceof Send s) {
            return send(s.octets());
        } else if (step instanceof Drip d) {
            return d.octets().chars().allMatch(this::drip);
        } else if (step instanceof Hear h) {
            return listen(PATIENCE, () -> passed(h.octets()));
        } else if (step instanceof Count c) {
            mark = c.octets();
            return listen(PATIENCE, () -> heard.length() >= c.octets());
        } else if (step instanceof Rest r) {
            return rest(r.time());
        } else if (step instanceof Finish) {
            channel.shutdownOutput();
            return true;
        } else if (step instanceof Reset) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        end = End.OWN; // Reset, Leave
        heard.setLength(mark); // how much more has come by then is chance
        channel.close();
        return false;
    }

    private boolean send(String octets) throws IOException {
        ByteBuffer out = StandardCharsets.ISO_8859_1.encode(octets);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (out.hasRemaining() && System.nanoTime() < deadline) {
                if (channel.write(out) == 0 && !listen(Duration.ofMillis(1), () -> false)) {
                    rest(Duration.ofMillis(1));
                }
            }
            return !out.hasRemaining();
        } catch (IOException e) {
            end = end == End.FIN ? End.FIN : End.RESET;
            return false;
        }
    }

    private boolean drip(int octet) {
        try {
            return send(String.valueOf((char) octet)) && rest(Duration.ofMillis(1));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean rest(Duration time) {
        try {
            Thread.sleep(time.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean passed(String octets) {
        int at = heard.indexOf(octets, mark);
        mark = at < 0 ? mark : at + octets.length();
        return at >= 0;
    }

    /** Whether it came to that. */
    private boolean listen(Duration patience, BooleanSupplier enough) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!enough.getAsBoolean()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (end != End.NONE || left < 0) {
                return false;
            }
            selector.select(Math.max(1, left));
            selector.selectedKeys().clear();
            read();
        }
        return true;
    }

    private void read() {
        in.clear();
        try {
            int n = channel.read(in);
            end = n < 0 ? End.FIN : end;
        } catch (IOException e) {
            end = End.RESET;
        }
        heard.append(StandardCharsets.ISO_8859_1.decode(in.flip()));
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
