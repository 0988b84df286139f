package org.mayfly.agent.net;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The connections that have not brought their packet yet, of all TCP listeners together, the oldest first. Who knocks
 * sends the packet with the end of the handshake, and is gone after about a round trip; so where there are too many the
 * oldest makes room, and whoever holds connections open, silent or slow, holds up only himself. Only the event loop
 * touches it; nothing here takes longer the more there are.
 */
final class TcpConnections {
    /** In all. Twice that is a descriptor limit that every system grants. */
    static final int MOST = 1024;

    /**
     * Of one network: a /64 of IPv6, one address of IPv4. That may be the translated address of a whole town: so many of
     * its people may be knocking in the same moment, and if there are more, the oldest of that address makes room and
     * nobody else does.
     */
    static final int MOST_OF_A_NETWORK = 64;

    /** In all, however slowly it drips. The packet may be lost twice and sent again: after 1 s, and 2 s (RFC 6298, 2). */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Of those that wait, the share that goes when the process has no descriptor left. */
    private static final int SHARE = 4;

    private final int most;
    private final int mostOfANetwork;
    private final long patience;
    private final Set<TcpKnocks> all = new LinkedHashSet<>();
    private final Map<Long, Set<TcpKnocks>> networks = new HashMap<>();
    private boolean timed;
    private long accepted;
    private long evicted;
    private long late;
    private long failures;

    TcpConnections() {
        this(MOST, MOST_OF_A_NETWORK, PATIENCE);
    }

    TcpConnections(int most, int mostOfANetwork, Duration patience) {
        this.most = most;
        this.mostOfANetwork = mostOfANetwork;
        this.patience = patience.toNanos();
    }

    /** A connection came in. It stays, and another one may have to go. */
    void add(TcpKnocks one, EventExecutor loop) {
        accepted++;
        Set<TcpKnocks> same = networks.computeIfAbsent(one.network(), n -> new LinkedHashSet<>());
        if (same.size() >= mostOfANetwork) {
            evict(same.iterator().next());
        } else if (all.size() >= most) {
            evict(all.iterator().next());
        }
        all.add(one);
        networks.computeIfAbsent(one.network(), n -> same).add(one); // the last of its network may just have gone
        time(loop);
    }

    /** It brought its packet, or is closed. */
    void remove(TcpKnocks one) {
        if (!all.remove(one)) {
            return;
        }
        Set<TcpKnocks> same = networks.get(one.network());
        if (same != null && same.remove(one) && same.isEmpty()) {
            networks.remove(one.network());
        }
    }

    /** When a connection that comes in now is late. */
    long deadline() {
        return System.nanoTime() + patience;
    }

    private void evict(TcpKnocks one) {
        evicted++;
        end(one);
    }

    private void end(TcpKnocks one) {
        remove(one);
        one.close();
    }

    /** One timer for all of them: they are late in the order in which they came. */
    private void time(EventExecutor loop) {
        if (timed || all.isEmpty()) {
            return;
        }
        timed = true;
        long wait = Math.max(0, all.iterator().next().deadline() - System.nanoTime());
        loop.schedule(
                () -> {
                    timed = false;
                    closeLate();
                    time(loop);
                },
                wait,
                TimeUnit.NANOSECONDS);
    }

    private void closeLate() {
        long now = System.nanoTime();
        while (!all.isEmpty()) {
            TcpKnocks oldest = all.iterator().next();
            if (oldest.deadline() - now > 0) {
                return;
            }
            late++;
            end(oldest);
        }
    }

    /**
     * A connection could not be accepted.
     *
     * @return whether some made room, so that it can be tried again at once
     */
    boolean acceptFailed() {
        failures++;
        int share = (all.size() + SHARE - 1) / SHARE;
        for (int i = 0; i < share; i++) {
            evict(all.iterator().next());
        }
        return share > 0;
    }

    TcpCounts counts() {
        return new TcpCounts(all.size(), accepted, evicted, late, failures);
    }
}
