package org.mayfly.agent.relay;

/** A connection that is handed on, as {@link Bounds} sees it. */
interface Piped {
    /** Ends it at once, with a reset on both sides. */
    void reset();
}
