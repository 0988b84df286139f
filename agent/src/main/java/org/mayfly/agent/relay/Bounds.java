package org.mayfly.agent.relay;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many connections there are, and who makes room: the oldest of those that have never sent anything, as a knock is sent
 * at once, and so is most else. Only the pipes' loop touches it, but for the numbers.
 */
final class Bounds {
    private volatile int limit;
    private volatile int open;
    private final Set<Piped> all = new HashSet<>();
    private final Set<Piped> silent = new LinkedHashSet<>();

    private final LongAdder total = new LongAdder();
    private final LongAdder evicted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    final LongAdder toTarget = new LongAdder();
    final LongAdder toClient = new LongAdder();

    Bounds(int limit) {
        this.limit = limit;
    }

    void limit(int most) {
        limit = most;
    }

    /** @return whether there is room for it, now that another one may have gone */
    boolean add(Piped one) {
        total.increment();
        if (all.size() >= limit && !evict()) {
            refused.increment();
            return false;
        }
        all.add(one);
        silent.add(one);
        open = all.size();
        return true;
    }

    /** @return whether there was one that could go */
    boolean evict() {
        if (silent.isEmpty()) {
            return false;
        }
        evicted.increment();
        Piped oldest = silent.iterator().next();
        remove(oldest);
        oldest.reset();
        return true;
    }

    /** The client has sent something. */
    void spoke(Piped one) {
        silent.remove(one);
    }

    void failed() {
        failed.increment();
    }

    void remove(Piped one) {
        all.remove(one);
        silent.remove(one);
        open = all.size();
    }

    /** How many have sent nothing yet. */
    int silent() {
        return silent.size();
    }

    void resetAll() {
        List.copyOf(all).forEach(Piped::reset);
    }

    /** From any thread. */
    PipeCounts counts() {
        return new PipeCounts(
                open, total.sum(), evicted.sum(), refused.sum(), failed.sum(), toTarget.sum(), toClient.sum());
    }
}
