package org.mayfly.agent.core;

import java.time.Duration;

/** Puts windows into the kernel, and knows how much later than by our clock it may end them. */
final class Windows {
    private final KernelPort kernel;
    private final Clock clock;

    /** The kernel counts from when it gets to it. This much later it may end windows that were opened before {@link #asOf}. */
    private long late;

    private long asOf;

    Windows(KernelPort kernel, Clock clock) {
        this.kernel = kernel;
        this.clock = clock;
    }

    /** Lets in for what is left of a window. */
    void goOn(Permit permit, Duration left) throws KernelException {
        long before = clock.monotonicNanos();
        kernel.open(permit, left);
        late(before, late);
    }

    /** A permit that others share was opened, beginning then: later than their windows did. */
    void opened(long then) {
        late(then, late);
    }

    /** All windows were put into the kernel anew, by what was left of them then. */
    void installed(long then) {
        late(then, 0);
    }

    private void late(long then, long least) {
        asOf = clock.monotonicNanos();
        late = Math.max(least, asOf - then);
    }

    /** Whether the kernel may let somebody in still, who would have no lease after a look. */
    boolean isOpen(Lease lease, long now) {
        return lease.opened() <= asOf && now < over(lease);
    }

    /** When it does not any more. */
    long over(Lease lease) {
        return lease.windowOver() + late;
    }
}
