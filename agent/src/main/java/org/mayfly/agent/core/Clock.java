package org.mayfly.agent.core;

/** The two clocks. Leases run on the first, knocks are judged by the second. */
public interface Clock {
    /** Nanoseconds that only rise; their zero means nothing. */
    long monotonicNanos();

    /** Nanoseconds since 1970-01-01 UTC; steps when somebody sets the clock. */
    long wallNanos();
}
