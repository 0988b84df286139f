package org.mayfly.agent.core;

import java.time.Duration;
import java.util.List;
import org.mayfly.agent.kernel.InMemoryKernel;

/** What goes wrong around the agent of a {@link Simulation}, and since when nothing does. */
final class SimulatedMischief {
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final long SECOND = 1_000_000_000L;

    private static final List<String> CALLS = List.of(
            "open",
            "close",
            "cut",
            "destroy",
            "hold",
            "remove",
            "sessions",
            "install",
            "rest",
            "align",
            "doors",
            "isReady",
            "announce",
            "cutOthers",
            "prefixes",
            "ownAddresses");

    private final FakeClock clock;
    private final InMemoryKernel kernel;
    private final MemoryLeases store;
    private int faults;
    private int refusals;
    private int asked;

    /** When the last call failed, or took long. */
    private long faulted = NEVER;

    private long disturbed = NEVER;
    private boolean untold;

    /** When a call took long last, and how much longer than it should. */
    private long stalled = NEVER;

    private Duration stall = Duration.ZERO;

    SimulatedMischief(FakeClock clock, InMemoryKernel kernel, MemoryLeases store) {
        this.clock = clock;
        this.kernel = kernel;
        this.store = store;
    }

    /** Another event begins. */
    void goOn() {
        if (faults > 0 && --faults == 0) {
            kernel.failOn(call -> false);
        }
        if (refusals > 0 && --refusals == 0) {
            store.refuse(false, false);
        }
    }

    /** Whether for so long no call has failed or taken long, and nothing was taken away. */
    boolean isOver(Duration since) {
        return !untold && clock.monotonicNanos() - since.toNanos() >= Math.max(faulted, disturbed);
    }

    /** Whether the kernel did what it was asked for the last second. */
    boolean kernelObeys() {
        return clock.monotonicNanos() - SECOND >= faulted;
    }

    /** Whether a call took long in the time that has passed since then. */
    boolean hasStalledSince(long then) {
        return stalled >= then;
    }

    /** How much later than it was asked for something may have happened, that is at most so long ago. */
    long late(Duration ago) {
        return clock.monotonicNanos() - ago.toNanos() > stalled ? 0 : stall.toNanos();
    }

    void fault(SimulatedEvent e) {
        faults = 1 + e.a(8);
        asked = 0;
        String failing = CALLS.get(e.b(CALLS.size()));
        int kind = e.b() / 16 % 8;
        int pattern = e.a() >>> 3;
        switch (kind) {
            case 0 -> kernel.failOn(call -> failed(true));
            case 1, 2 -> kernel.failOn(call -> failed((pattern >>> (asked++ & 15) & 1) == 1));
            case 3 -> kernel.failOn(call -> takesLong(call.equals(failing), Duration.ofMillis(100)));
            case 4 -> kernel.failOn(call -> takesLong(call.equals(failing), Duration.ofSeconds(3)));
            default -> kernel.failOn(call -> failed(call.equals(failing)));
        }
    }

    private boolean failed(boolean really) {
        if (really) {
            faulted = clock.monotonicNanos();
        }
        return really;
    }

    private boolean takesLong(boolean really, Duration time) {
        if (really) {
            clock.pass(time);
            faulted = clock.monotonicNanos();
            stall = late(Duration.ofSeconds(100)) > time.toNanos() ? stall : time;
            stalled = faulted;
        }
        return false;
    }

    void disk(SimulatedEvent e) {
        refusals = 1 + e.a(10);
        store.refuse(e.b(3) != 0, e.b(3) != 1);
    }

    void disturb(Agent a, SimulatedEvent e) {
        int what = 1 + e.a(7);
        if ((what & 1) != 0) {
            kernel.flush();
        }
        if ((what & 2) != 0) {
            kernel.flushAddresses();
        }
        if ((what & 4) != 0) {
            kernel.flushRoutes();
        }
        int how = e.b(6);
        if (how == 0) {
            untold = true;
        } else if (how == 1) {
            overrun(a);
        } else {
            tell(a, what, how == 2);
        }
    }

    private void tell(Agent a, int what, boolean link) {
        disturbed = clock.monotonicNanos();
        if ((what & 1) != 0) {
            a.disturbed(Disturbance.TABLE);
        }
        if ((what & 2) != 0) {
            a.disturbed(link ? Disturbance.INTERFACE : Disturbance.ADDRESS);
        }
        if ((what & 4) != 0) {
            a.disturbed(Disturbance.ROUTE);
        }
    }

    void overrun(Agent a) {
        disturbed = clock.monotonicNanos();
        untold = false;
        a.disturbed(Disturbance.OVERRUN);
    }

    /** Something is to be another way, and has not been seen to. */
    void changed() {
        disturbed = clock.monotonicNanos();
    }

    /** An agent began and put up all that is needed. */
    void started() {
        untold = false;
    }
}
