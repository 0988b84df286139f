package org.mayfly.agent.core;

import java.time.Duration;

/** Both clocks, moved by the test. */
public final class FakeClock implements Clock {
    private long monotonic = 1_000_000_000L;
    private long wall = 1_800_000_000_000_000_000L;

    /** Time passes. */
    public void pass(Duration time) {
        monotonic += time.toNanos();
        wall += time.toNanos();
    }

    /** Somebody sets the clock. */
    public void step(Duration by) {
        wall += by.toNanos();
    }

    @Override
    public long monotonicNanos() {
        return monotonic;
    }

    @Override
    public long wallNanos() {
        return wall;
    }
}
