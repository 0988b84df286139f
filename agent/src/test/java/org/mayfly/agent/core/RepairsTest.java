package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What others take away is put back at once, with patience if they go on, and without filling the log. */
final class RepairsTest {
    private static final String TOLD = "warning: somebody changed our nftables table; putting it back";

    private final FakeClock clock = new FakeClock();
    private final Set<Disturbance> repaired = EnumSet.noneOf(Disturbance.class);
    private World told;
    private Repairs repairs;
    private boolean fails;

    @BeforeEach
    void build() throws Exception {
        told = new World();
        repairs = new Repairs(clock, told);
    }

    private void repair(Set<Disturbance> what) throws KernelException {
        if (fails) {
            throw new KernelException("the kernel says no");
        }
        repaired.addAll(what);
    }

    private void disturbedAndRepaired(Disturbance what) {
        repairs.disturbed(what);
        clock.pass(Duration.ofNanos(Math.max(0, repairs.due() - clock.monotonicNanos())));
        repairs.tick(clock.monotonicNanos(), this::repair);
        assertTrue(repaired.remove(what));
        assertEquals(Long.MAX_VALUE, repairs.due());
    }

    @Test
    void eachKindIsToldOnceUntilThereHasBeenNoneForAMinuteAndCountedAlways() {
        for (int i = 0; i < 100; i++) {
            disturbedAndRepaired(Disturbance.TABLE);
        }
        assertEquals(List.of(TOLD), told.log);
        clock.pass(Duration.ofSeconds(61));
        disturbedAndRepaired(Disturbance.TABLE);
        assertEquals(List.of(TOLD, TOLD), told.log);
        disturbedAndRepaired(Disturbance.ROUTE);
        assertEquals(3, told.log.size());
        assertEquals(101, repairs.counts().get(Disturbance.TABLE));
        assertEquals(1, repairs.counts().get(Disturbance.ROUTE));
        assertEquals(0, repairs.counts().get(Disturbance.OVERRUN));
    }

    @Test
    void theFirstIsRepairedAtOnceAndThoseThatFollowAfterWaitsOfUpToASecond() {
        long wait = 0;
        for (int i = 0; i < 20; i++) {
            repairs.disturbed(Disturbance.ADDRESS);
            long next = repairs.due() - clock.monotonicNanos();
            assertTrue(i == 0 ? next == 0 : next >= wait && next <= 1_000_000_000L, i + ": " + next + " ns");
            wait = next;
            clock.pass(Duration.ofNanos(next));
            repairs.tick(clock.monotonicNanos(), this::repair);
        }
        assertEquals(1_000_000_000L, wait);
        clock.pass(Duration.ofSeconds(61));
        repairs.disturbed(Disturbance.ADDRESS);
        assertEquals(clock.monotonicNanos(), repairs.due());
    }

    @Test
    void whatFailsIsTriedAgainWithinASecondAndToldOnce() {
        fails = true;
        repairs.disturbed(Disturbance.ROUTE);
        for (int i = 0; i < 10; i++) {
            clock.pass(Duration.ofSeconds(1));
            assertTrue(repairs.due() <= clock.monotonicNanos());
            repairs.tick(clock.monotonicNanos(), this::repair);
        }
        assertEquals(
                List.of(
                        "warning: somebody took away a route of ours; putting it back",
                        "warning: cannot put back what is ours, trying again: the kernel says no"),
                told.log);
        fails = false;
        clock.pass(Duration.ofSeconds(1));
        repairs.tick(clock.monotonicNanos(), this::repair);
        assertEquals(Set.of(Disturbance.ROUTE), repaired);
        assertEquals(Long.MAX_VALUE, repairs.due());
    }
}
