package org.mayfly.agent.runtime;

import org.mayfly.agent.core.Clock;

/**
 * How many lines of one kind may be written within a minute, which begins with the first of them. The others are
 * counted; who writes tells their number when the minute is over. Takes no room and next to no time, so that it can be
 * asked for each packet.
 */
final class LineLimit {
    static final long MINUTE = 60_000_000_000L;

    private final Clock clock;
    private final int lines;
    private long over = Long.MIN_VALUE;
    private int written;
    private long leftOut;
    private long before;

    LineLimit(Clock clock, int lines) {
        this.clock = clock;
        this.lines = lines;
    }

    /** Whether one more may be written; if not, it is counted. */
    boolean admits() {
        roll();
        if (over == Long.MIN_VALUE) {
            over = clock.monotonicNanos() + MINUTE;
        }
        if (written < lines) {
            written++;
            return true;
        }
        leftOut++;
        return false;
    }

    /** How many were left out in a minute that is over, and have not been told of; from now on they have. */
    long takeLeftOut() {
        roll();
        long taken = before;
        before = 0;
        return taken;
    }

    private void roll() {
        if (over != Long.MIN_VALUE && clock.monotonicNanos() - over >= 0) {
            over = Long.MIN_VALUE;
            written = 0;
            before += leftOut;
            leftOut = 0;
        }
    }
}
