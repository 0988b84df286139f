package org.mayfly.agent.core;

/**
 * Something that happens to an agent. Its numbers choose among what there is at the time, so that a sequence makes sense
 * with any of its events left out.
 */
record SimulatedEvent(What what, int a, int b) {
    /** In brackets how often, compared to the others. */
    enum What {
        /** A knock of client a for service b. */
        KNOCK(30),
        /** One of the last accepted packets again. */
        REPLAY(4),
        /** Time goes on. */
        PASS(24),
        /** A client connects through a permit, or tries to. */
        CONNECT(14),
        /** The sessions of a permit end by themselves. */
        DISCONNECT(6),
        /** An administrator opens a door by hand. */
        PERMIT(4),
        /** One lease is revoked. */
        REVOKE(4),
        /** A client is removed, its leases with it; or is there again. */
        CLIENT(3),
        /** From now on, and for a few events, calls of the kernel fail. */
        FAULT(4),
        /** For a few events, the disk is full. */
        FULL_DISK(1),
        /** The agent is killed, and started again after a while. */
        KILL(2),
        /** The configuration is read again. */
        RELOAD(2),
        /** Somebody takes away our table, our addresses, or both; the kernel tells, or says that it lost count. */
        DISTURB(4),
        /** Somebody sets the clock. */
        CLOCK(2);

        final int weight;

        What(int weight) {
            this.weight = weight;
        }
    }
}
