package org.mayfly.agent.kernel;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What we have put into the kernel and when it goes from there by itself, so that nothing is asked for that need not
 * be: a batch that fails costs a thousand times one that does not. It is allowed to be wrong; see {@link #maybe}.
 */
final class Deadlines<K> {
    /** The kernel is never early, but its clock ticks coarsely. */
    private static final long SLACK = Duration.ofSeconds(1).toNanos();

    private static final int FIRST_SWEEP = 1024;

    private final Map<K, Long> ends = new HashMap<>();
    private int sweepAt = FIRST_SWEEP;

    void put(K key, Duration life) {
        if (ends.size() >= sweepAt) {
            long now = System.nanoTime();
            ends.values().removeIf(end -> end + SLACK - now < 0);
            sweepAt = Math.max(FIRST_SWEEP, 2 * ends.size());
        }
        ends.put(key, System.nanoTime() + life.toNanos());
    }

    void remove(K key) {
        ends.remove(key);
    }

    void clear() {
        ends.clear();
    }

    /** False if it is certain that the kernel does not have it. */
    boolean maybe(K key) {
        Long end = ends.get(key);
        return end != null && end + SLACK - System.nanoTime() >= 0;
    }
}
