package org.mayfly.agent.runtime;

import java.time.Instant;
import org.mayfly.agent.core.Clock;

/** The machine's clocks. */
final class SystemClock implements Clock {
    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }

    @Override
    public long wallNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
