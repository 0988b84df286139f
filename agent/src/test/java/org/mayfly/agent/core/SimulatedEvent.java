package org.mayfly.agent.core;

import java.util.List;

/**
 * Something that happens to an agent. Its numbers choose among what there is at the time, so that a sequence makes sense
 * with any of its events left out.
 */
record SimulatedEvent(What what, int a, int b) {
    /** Moments around the end of a window, and of when it is looked whether a session came through. */
    private static final List<Long> EDGES =
            List.of(-1_000_001L, -500_000L, -1L, 0L, 1L, 1_000_000L, Lease.EDGE - 1, Lease.EDGE);

    /** In brackets how often, compared to the others. */
    enum What {
        /** A knock of client a for service b. */
        KNOCK(40),
        /** One of the last accepted packets again. */
        REPLAY(4),
        /** Time goes on; what is due meanwhile is done when it is due, or late. */
        PASS(20),
        /** Time goes on to the very end of a window, or of what is remembered of a cut, and somebody connects. */
        EDGE(5),
        /** A client connects through a permit that there is or was, or tries to. */
        CONNECT(14),
        /** The sessions of a permit end by themselves. */
        DISCONNECT(5),
        /** An administrator opens a door by hand. */
        PERMIT(4),
        /** One lease is revoked. */
        REVOKE(4),
        /** A client is removed, its leases with it; or it is there again, has another key, or may open less. */
        CLIENT(4),
        /** From now on, and for a few events, calls of the kernel fail, do a part of what they should, or take long. */
        FAULT(5),
        /** For a few events, nothing can be written down, or nothing struck out. */
        DISK(2),
        /** The agent is killed, and started again after a while. Meanwhile its configuration or its state may change. */
        KILL(3),
        /** The configuration is read again: another mode, other services, other quotas. */
        RELOAD(3),
        /** The configuration is read again: doors are to be in another prefix. */
        RENUMBER(3),
        /** Somebody takes away our table, our addresses, our routes; the kernel tells, says that it lost count, or later. */
        DISTURB(4),
        /** The kernel says that it lost count. */
        OVERRUN(1),
        /** Somebody sets the clock. */
        CLOCK(2);

        final int weight;

        What(int weight) {
            this.weight = weight;
        }
    }

    /** One of so many, by the first number. */
    int a(int many) {
        return Math.floorMod(a, many);
    }

    /** One of so many, by the second number. */
    int b(int many) {
        return Math.floorMod(b, many);
    }

    /** One of those moments, from the end of the window. */
    long edge() {
        return EDGES.get(Math.floorMod(b / 8, EDGES.size()));
    }
}
