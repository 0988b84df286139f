package org.mayfly.agent.relay;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many connections there are, and who makes room: strangers for strangers only, as {@link Strangers} says; of the others
 * none does, and who finds no room is refused. Only the pipes' loop touches it, but for the numbers.
 */
final class Bounds {
    private volatile int limit;
    private volatile int open;
    private final Map<Origin, Set<Piped>> all = new EnumMap<>(Origin.class);
    private final Strangers strangers = new Strangers();

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
        Set<Piped> same = of(one);
        boolean stranger = one.origin() == Origin.STRANGER;
        if (same.size() >= limit && !(stranger && evict())) {
            refused.increment();
            return false;
        }
        same.add(one);
        if (stranger) {
            strangers.add(one);
        }
        open = size();
        return true;
    }

    private Set<Piped> of(Piped one) {
        return all.computeIfAbsent(one.origin(), o -> new HashSet<>());
    }

    private int size() {
        return all.values().stream().mapToInt(Set::size).sum();
    }

    /** @return whether there was one that could go */
    boolean evict() {
        Piped victim = strangers.victim(limit);
        if (victim == null) {
            return false;
        }
        evicted.increment();
        remove(victim);
        victim.reset();
        return true;
    }

    /** Something has passed, either way. */
    void spoke(Piped one) {
        strangers.spoke(one);
    }

    void failed() {
        failed.increment();
    }

    void remove(Piped one) {
        of(one).remove(one);
        strangers.remove(one);
        open = size();
    }

    void resetAll() {
        List.copyOf(all.values()).forEach(same -> List.copyOf(same).forEach(Piped::reset));
    }

    /** From any thread. */
    PipeCounts counts() {
        return new PipeCounts(
                open, total.sum(), evicted.sum(), refused.sum(), failed.sum(), toTarget.sum(), toClient.sum());
    }
}
