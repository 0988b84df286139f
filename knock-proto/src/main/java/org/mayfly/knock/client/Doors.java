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
import org.mayfly.knock.Ip6Address;

/**
 * Connects to the doors of every knock that was sent, until one answers. A SYN that comes before the door is open is
 * dropped in silence, and the system sends the next one a whole second later; so further connections are tried beside it,
 * at growing distances, and the first that is accepted wins. Nothing is given up early, for the path may be slower than
 * any interval.
 */
final class Doors implements Closeable {
    private static final long FIRST_RETRY = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final long GIVE_UP_ONE = Duration.ofSeconds(6).toNanos();

    /** How long after a knock new connections to its doors are begun. Those that are under way are not cut short by it. */
    private static final long WATCHED = Duration.ofSeconds(10).toNanos();

    /** Fewer than a process may have files open, whatever the number of ways, prefixes and candidates. */
    private static final int MOST = 200;

    /**
     * The first candidate under the first prefix is the door unless the network has just moved; then it is the first
     * under another one, the last of which is the least likely. The second and third candidate under a prefix are the
     * door only after a collision on the server: one chance in billions.
     */
    private static final int ROUND_OF_OTHER_PREFIXES = 1;

    private static final int ROUND_OF_ALL_CANDIDATES = 3;

    private final int port;
    private final Selector selector;
    private final List<Watch> watches = new ArrayList<>();
    private final List<Attempt> open = new ArrayList<>();
    private final Map<Ip6Address, Sight> seen = new LinkedHashMap<>();

    /** @param port on which a door answers */
    Doors(int port, Selector selector) {
        this.port = port;
        this.selector = selector;
    }

    /** The doors of one knock, and when they are tried next; as System.nanoTime counts. */
    private static final class Watch {
        private final Knock knock;
        private final long since;
        private long tryAt;
        private long retry = FIRST_RETRY;
        private int rounds;

        Watch(Knock knock, long now) {
            this.knock = knock;
            this.since = now;
            this.tryAt = now;
        }

        /** Plans the next attempt; gives how many came before this one. */
        int tried(long now) {
            tryAt = now + retry;
            retry = Math.min(retry * 3 / 2, LONGEST_RETRY);
            return rounds++;
        }
    }

    /** A connection that is coming about. */
    record Attempt(Knock knock, Ip6Address door, SocketChannel channel, long since) {}

    /** Tries the doors of this knock, too; at once. */
    void watch(Knock knock) {
        watches.removeIf(w -> w.knock.candidates().equals(knock.candidates())); // IPv4 permits have one door in common
        watches.add(new Watch(knock, System.nanoTime()));
    }

    /** Nanoseconds until there is something to do. */
    long due(long now) {
        return watches.stream().mapToLong(w -> Math.max(0, w.tryAt - now)).min().orElse(Long.MAX_VALUE);
    }

    /** Does what is due. */
    void proceed(long now) throws IOException {
        for (Attempt a : List.copyOf(open)) {
            if (now - a.since > GIVE_UP_ONE) {
                drop(a);
            }
        }
        watches.removeIf(w -> now - w.since > WATCHED);
        for (Watch w : watches) {
            if (now - w.tryAt >= 0) {
                attempt(w.knock, w.tried(now), now);
            }
        }
    }

    private void attempt(Knock knock, int round, long now) throws IOException {
        connect(knock, knock.door(), now);
        for (Ip6Address door : knock.candidates().subList(1, candidates(knock, round))) {
            if (open.stream().noneMatch(a -> a.door.equals(door))) {
                connect(knock, door, now);
            }
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
        if (open.size() >= MOST) {
            drop(open.get(0));
        }
        seen.putIfAbsent(door, Sight.NO_ANSWER);
        SocketChannel c = SocketChannel.open(Addresses.family(door.toInetAddress()));
        try {
            c.configureBlocking(false);
            c.bind(new InetSocketAddress(local, 0));
            c.connect(new InetSocketAddress(door.toInetAddress(), port));
            Attempt a = new Attempt(knock, door, c, now);
            c.register(selector, SelectionKey.OP_CONNECT, a);
            open.add(a);
        } catch (IOException e) {
            note(door, e);
            c.close();
        }
    }

    /** Whether one of ours, which the selector says is ready, has come about; it is then the caller's to close. */
    boolean finished(Attempt a) throws IOException {
        try {
            if (!a.channel.finishConnect()) {
                return false;
            }
            // On one machine a socket can connect to itself, when the port it was given is the one it connects to.
            if (!a.channel.getLocalAddress().equals(a.channel.getRemoteAddress())) {
                open.remove(a);
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

    /** The most telling of what was seen. */
    Sight most() {
        return seen.values().stream().max(Sight::compareTo).orElse(Sight.NO_ANSWER);
    }

    /** Where that was seen first; null if nowhere. */
    @Nullable
    Ip6Address where() {
        return seen.entrySet().stream()
                .filter(e -> e.getValue() == most())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() throws IOException {
        for (Attempt a : List.copyOf(open)) {
            drop(a);
        }
    }
}
