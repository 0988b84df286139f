package org.mayfly.agent.core;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Puts back what others take away: at once, and if they go on with it, or the kernel refuses, after waits that grow to a
 * second. Each kind of disturbance is told once until there has been none for a minute, and counted always.
 */
final class Repairs {
    private static final long FIRST_WAIT = Duration.ofMillis(20).toNanos();
    private static final long LONGEST_WAIT = Duration.ofSeconds(1).toNanos();
    private static final long QUIET = Duration.ofMinutes(1).toNanos();

    /** Puts back what is missing. */
    @FunctionalInterface
    interface Repair {
        /** @param what what happened to it */
        void run(Set<Disturbance> what) throws KernelException;
    }

    private final Clock clock;
    private final AgentListener listener;
    private final Trouble trouble;
    private final Map<Disturbance, Long> counts = new EnumMap<>(Disturbance.class);
    private final Map<Disturbance, Long> heard = new EnumMap<>(Disturbance.class);
    private final Set<Disturbance> open = EnumSet.noneOf(Disturbance.class);
    private long due = Long.MAX_VALUE;
    private long wait;
    private long last = Long.MIN_VALUE;

    Repairs(Clock clock, AgentListener listener) {
        this.clock = clock;
        this.listener = listener;
        this.trouble = new Trouble(listener);
    }

    void disturbed(Disturbance what) {
        long now = clock.monotonicNanos();
        counts.merge(what, 1L, Long::sum);
        listener.disturbed(what);
        Long before = heard.put(what, now);
        if (before == null || now - before > QUIET) {
            listener.warning(told(what));
        }
        needed(what);
    }

    /** That is to be put back, though nobody disturbed it. */
    void needed(Disturbance what) {
        long now = clock.monotonicNanos();
        open.add(what);
        if (last == Long.MIN_VALUE || now - last > QUIET) {
            wait = 0;
        }
        if (due == Long.MAX_VALUE) {
            due = now + wait;
        }
    }

    /** That is to be put back in a while: the kernel refused just now. */
    void later(Disturbance what) {
        open.add(what);
        due = Math.min(due, clock.monotonicNanos() + LONGEST_WAIT);
    }

    /** That is to be put back now, whatever was waited for. */
    void atOnce(Disturbance what, Repair repair) {
        open.add(what);
        due = clock.monotonicNanos();
        tick(due, repair);
        if (open.isEmpty()) {
            last = Long.MIN_VALUE; // nobody fights with us
        }
    }

    private static String told(Disturbance what) {
        return switch (what) {
            case TABLE -> "somebody changed our nftables table; putting it back";
            case ROUTE -> "somebody took away a route of ours; putting it back";
            case ADDRESS -> "somebody took away the address of a door; putting it back";
            case INTERFACE -> "the interface of the doors changed; putting back what went with it";
            case FORWARDING ->
                "this host began or ceased to forward packets; knocks are tracked, or not, as that asks for";
            case OVERRUN -> "more happened in the kernel than it could tell; looking after everything";
        };
    }

    long due() {
        return due;
    }

    void tick(long now, Repair repair) {
        if (now < due) {
            return;
        }
        Set<Disturbance> what = EnumSet.copyOf(open);
        due = now + LONGEST_WAIT; // should something fail that ought not to
        last = now;
        wait = Math.min(LONGEST_WAIT, Math.max(FIRST_WAIT, 2 * wait));
        try {
            repair.run(what);
            trouble.isOver();
            open.clear();
            due = Long.MAX_VALUE;
            listener.repaired();
        } catch (KernelException e) {
            trouble.is("cannot put back what is ours, trying again: " + e.getMessage());
            due = now + wait;
        }
    }

    /** How often each kind was heard of, those too that never were. */
    Map<Disturbance, Long> counts() {
        Map<Disturbance, Long> all = new EnumMap<>(Disturbance.class);
        for (Disturbance what : Disturbance.values()) {
            all.put(what, counts.getOrDefault(what, 0L));
        }
        return all;
    }
}
