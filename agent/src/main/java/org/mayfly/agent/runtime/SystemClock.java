package org.mayfly.agent.runtime;

import java.time.Duration;
import java.time.Instant;
import org.mayfly.agent.core.Clock;

/** The machine's clocks. */
final class SystemClock implements Clock {
    private long ahead;

    /** From now on it is later than it is, by the monotonic clock: for leases that are to end without anybody waiting for it. */
    void skip(Duration time) {
        ahead += time.toNanos();
    }

    @Override
    public long monotonicNanos() {
        return System.nanoTime() + ahead;
    }

    @Override
    public long wallNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
