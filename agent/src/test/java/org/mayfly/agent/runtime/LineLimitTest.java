package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.FakeClock;

class LineLimitTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeClock clock = new FakeClock();
    private final LineLimit limit = new LineLimit(clock, 2);

    @Test
    void admitsTheFirstOfAMinuteAndCountsTheOthers() {
        assertTrue(limit.admits());
        clock.pass(MINUTE.minusNanos(1));
        assertTrue(limit.admits());
        assertFalse(limit.admits());
        assertFalse(limit.admits());
        assertEquals(0, limit.takeLeftOut(), "the minute goes on");
        clock.pass(Duration.ofNanos(1));
        assertEquals(2, limit.takeLeftOut());
        assertEquals(0, limit.takeLeftOut());
    }

    /** The minute begins with a line, not where the last one ended. */
    @Test
    void aMinuteBeginsWithItsFirstLine() {
        assertTrue(limit.admits());
        clock.pass(MINUTE.plusSeconds(50));
        assertTrue(limit.admits());
        assertTrue(limit.admits());
        clock.pass(Duration.ofSeconds(20));
        assertFalse(limit.admits());
    }

    @Test
    void whatWasLeftOutIsToldWithTheNextLineOrByItself() {
        for (int i = 0; i < 10; i++) {
            limit.admits();
        }
        clock.pass(MINUTE);
        assertTrue(limit.admits());
        assertEquals(8, limit.takeLeftOut());
        assertTrue(limit.admits());
        assertFalse(limit.admits());
        clock.pass(MINUTE.multipliedBy(3));
        assertEquals(1, limit.takeLeftOut());
    }

    @Test
    void aWallClockThatIsSetIsNothingToIt() {
        assertTrue(limit.admits());
        assertTrue(limit.admits());
        clock.step(Duration.ofHours(5));
        assertFalse(limit.admits());
    }
}
