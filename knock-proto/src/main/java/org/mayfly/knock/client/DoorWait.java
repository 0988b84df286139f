package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Address;

/**
 * Knocks, and connects until a door answers. A SYN that comes before the door is open is dropped in silence, and the
 * system sends the next one a whole second later; so further connections are tried beside it, at growing distances,
 * and the first that is accepted wins. Nothing is given up early, for the path may be slower than any interval.
 */
public final class DoorWait implements Closeable {
    private static final long FIRST_RETRY = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final long GIVE_UP_ONE = Duration.ofSeconds(6).toNanos();
    private static final long KNOCK_AGAIN = Duration.ofSeconds(2).toNanos();

    /**
     * The first candidate under the first prefix is the door unless the network has just moved; then it is the first
     * under another one, the last of which is the least likely. The second and third candidate under a prefix are the
     * door only after a collision on the server: one chance in billions.
     */
    private static final int ROUND_OF_OTHER_PREFIXES = 1;

    private static final int ROUND_OF_ALL_CANDIDATES = 3;

    private final Knocker knocker;
    private final Selector selector;
    private final List<Attempt> open = new ArrayList<>();
    private final Map<Ip6Address, Sight> seen = new LinkedHashMap<>();
    private int knocks;

    private DoorWait(Knocker knocker, Selector selector) {
        this.knocker = knocker;
        this.selector = selector;
    }

    /** How it ended. */
    public sealed interface Outcome {
        /** The last knock, or the one whose door it is. */
        Knock knock();

        Duration waited();
    }

    /**
     * A door answered.
     *
     * @param channel connected and blocking; the caller closes it
     */
    public record Reached(Knock knock, Ip6Address door, SocketChannel channel, Duration waited) implements Outcome {}

    /**
     * None did.
     *
     * @param report one line: what was seen and what to check
     */
    public record Unanswered(Knock knock, String report, Duration waited) implements Outcome {}

    /** What became of an attempt, the more telling the later in this list. */
    private enum Sight {
        NO_ANSWER("no answer"),
        UNREACHABLE("unreachable"),
        REFUSED("refused");

        private final String text;

        Sight(String text) {
            this.text = text;
        }

        static Sight of(IOException e) {
            String text = String.valueOf(e.getMessage());
            if (text.contains("refused")) {
                return REFUSED;
            }
            return text.contains("timed out") ? NO_ANSWER : UNREACHABLE;
        }
    }

    /** When to do what, from one knock to the next; in the units and with the wrap-around of System.nanoTime. */
    private static final class Pace {
        private long tryAt;
        private final long knockAt;
        private long retry = FIRST_RETRY;
        private int rounds;

        Pace(long tryAt, long knockAt) {
            this.tryAt = tryAt;
            this.knockAt = knockAt;
        }

        /** Plans the next attempt; gives how many came before this one. */
        int tried(long now) {
            tryAt = now + retry;
            retry = Math.min(retry * 3 / 2, LONGEST_RETRY);
            return rounds++;
        }
    }

    private record Attempt(Knock knock, Ip6Address door, SocketChannel channel, long since) {}

    /**
     * Knocks and waits.
     *
     * @param limit how long in all
     * @param knockAgain when to knock for the second time; after that every two seconds
     * @throws Failure if the first knock cannot be sent, or the source cannot be connected from
     */
    public static Outcome await(Knocker knocker, Duration limit, Duration knockAgain) throws Failure {
        if (!Profile.isTcp(knocker.service())) {
            throw Failure.usage(
                    "the service " + knocker.service() + " cannot be waited for: only a TCP service answers");
        }
        if (!knocker.canConnect()) {
            throw Failure.usage("the source is not an address of this machine, so nothing can connect from it here:"
                    + " knock without --wait");
        }
        try (Selector selector = Selector.open();
                DoorWait wait = new DoorWait(knocker, selector)) {
            return wait.run(limit, knockAgain.toNanos());
        } catch (IOException e) {
            throw Failure.failed("cannot wait for the door: " + Failure.reason(e));
        }
    }

    private Outcome run(Duration limit, long knockAgain) throws IOException, Failure {
        long start = System.nanoTime();
        long end = start + limit.toNanos();
        Knock knock = knocker.knock(end);
        knocks = 1;
        long sent = System.nanoTime();
        Pace pace = new Pace(sent, sent + knockAgain);
        while (true) {
            long now = System.nanoTime();
            if (now - end >= 0) {
                return new Unanswered(knock, report(knock, limit), Duration.ofNanos(now - start));
            }
            if (now - pace.knockAt >= 0) {
                knock = again(knock, end);
                pace = new Pace(now, now + KNOCK_AGAIN);
            }
            if (now - pace.tryAt >= 0) {
                attempt(knock, pace.tried(now), now);
            }
            Attempt won = poll(Math.min(Math.min(pace.tryAt, pace.knockAt), end) - now);
            if (won != null) {
                return new Reached(won.knock, won.door, won.channel, Duration.ofNanos(System.nanoTime() - start));
            }
        }
    }

    /** The network may be away for a moment, and come back with another address: the old knock then stands. */
    private Knock again(Knock old, long end) {
        try {
            Knock k = knocker.knock(end);
            knocks++;
            return k;
        } catch (Failure e) {
            return old;
        }
    }

    private void attempt(Knock knock, int round, long now) throws IOException {
        for (Attempt a : List.copyOf(open)) {
            if (now - a.since > GIVE_UP_ONE) {
                drop(a);
            }
        }
        if (round == ROUND_OF_ALL_CANDIDATES) {
            knocker.lookAgain(); // this is not the ordinary case any more; the next knock will know
        }
        for (Ip6Address door : knock.candidates().subList(0, candidates(knock, round))) {
            connect(knock, door, now);
        }
    }

    private static int candidates(Knock knock, int round) {
        if (round >= ROUND_OF_ALL_CANDIDATES) {
            return knock.candidates().size();
        }
        return round >= ROUND_OF_OTHER_PREFIXES ? Math.max(1, knock.prefixes() - 1) : 1;
    }

    private void connect(Knock knock, Ip6Address door, long now) throws IOException {
        InetAddress local = knock.local();
        if (local == null) {
            return;
        }
        seen.putIfAbsent(door, Sight.NO_ANSWER);
        SocketChannel c = SocketChannel.open(Addresses.family(door.toInetAddress()));
        try {
            c.configureBlocking(false);
            c.bind(new InetSocketAddress(local, 0));
            c.connect(new InetSocketAddress(
                    door.toInetAddress(), knocker.service().port()));
            Attempt a = new Attempt(knock, door, c, now);
            c.register(selector, SelectionKey.OP_CONNECT, a);
            open.add(a);
        } catch (IOException e) {
            note(door, e);
            c.close();
        }
    }

    private @Nullable Attempt poll(long nanos) throws IOException {
        selector.select(Math.max(1, (nanos + 999_999) / 1_000_000));
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Attempt a && finished(a)) {
                open.remove(a);
                key.cancel();
                selector.selectNow(); // a channel becomes blocking again only when no selector has it
                a.channel.configureBlocking(true);
                return a;
            }
        }
        selector.selectedKeys().clear();
        return null;
    }

    private boolean finished(Attempt a) throws IOException {
        try {
            if (!a.channel.finishConnect()) {
                return false;
            }
            // On one machine a socket can connect to itself, when the port it was given is the one it connects to.
            if (!a.channel.getLocalAddress().equals(a.channel.getRemoteAddress())) {
                return true;
            }
            drop(a);
        } catch (IOException e) {
            note(a.door, e);
            drop(a);
        }
        return false;
    }

    private void note(Ip6Address door, IOException e) {
        seen.merge(door, Sight.of(e), (x, y) -> x.compareTo(y) > 0 ? x : y);
    }

    private void drop(Attempt a) throws IOException {
        open.remove(a);
        a.channel.close();
    }

    @Override
    public void close() throws IOException {
        for (Attempt a : List.copyOf(open)) {
            drop(a);
        }
    }

    private String report(Knock knock, Duration limit) {
        Sight most = seen.values().stream().max(Sight::compareTo).orElse(Sight.NO_ANSWER);
        Ip6Address where = seen.entrySet().stream()
                .filter(e -> e.getValue() == most)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(knock.door());
        String knockPort = carrierName() + " " + Knocker.text(knock.server());
        String objection = knocker.objection();
        return "no door of \"" + knocker.profile().name() + "\" opened within " + Durations.format(limit) + " and "
                + knocks + (knocks == 1 ? " knock: " : " knocks: ") + where + " port "
                + knocker.service().port() + ": " + most.text + "; "
                + (objection != null
                        ? "the knock port " + knockPort + " objects: " + objection + ": is mayflyd running there?"
                        : advice(most, knockPort));
    }

    private String advice(Sight most, String knockPort) {
        return switch (most) {
            case REFUSED -> "check that the service itself runs there and listens on that port";
            case UNREACHABLE -> "check the way there (ping, traceroute), and that mayflyd runs";
            case NO_ANSWER ->
                "check that mayflyd runs, that " + knockPort + " gets through to it, and both machines' clocks";
        };
    }

    private String carrierName() {
        return knocker.carrier().equals("tcp") ? "TCP" : "UDP";
    }
}
