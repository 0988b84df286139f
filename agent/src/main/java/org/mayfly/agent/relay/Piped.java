package org.mayfly.agent.relay;

/** A connection that is handed on, as {@link Bounds} sees it. */
interface Piped {
    Origin origin();

    /** Where the client is, as {@link org.mayfly.agent.net.Source#network} has it. */
    long network();

    /** Ends it at once, with a reset on both sides. */
    void reset();
}
