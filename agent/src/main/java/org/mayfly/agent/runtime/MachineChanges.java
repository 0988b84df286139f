package org.mayfly.agent.runtime;

import java.time.Duration;
import org.mayfly.agent.core.Clock;

/** Has it looked where new doors go when the machine has changed: soon, once for what comes together, and not all the time. */
final class MachineChanges {
    /** An interface that comes up tells of a dozen things within it. */
    private static final Duration SOON = Duration.ofMillis(100);

    private static final Duration APART = Duration.ofSeconds(1);

    private final AgentLoop loop;
    private final Clock clock;
    private final Runnable look;
    private boolean planned;
    private long notBefore = Long.MIN_VALUE;

    MachineChanges(AgentLoop loop, Clock clock, Runnable look) {
        this.loop = loop;
        this.clock = clock;
        this.look = look;
    }

    /** On the loop: interfaces, addresses or routes are others than before. */
    void happened() {
        if (planned) {
            return;
        }
        planned = true;
        long soon = clock.monotonicNanos() + SOON.toNanos();
        loop.at(Math.max(soon, notBefore), () -> {
            planned = false;
            notBefore = clock.monotonicNanos() + APART.toNanos();
            look.run();
        });
    }
}
