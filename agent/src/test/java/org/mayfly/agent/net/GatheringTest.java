package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final long START = -5; // nanoTime() may be anything

    private final Gathering gathering = new Gathering();

    @Test
    void tenThousandASecondAreReadAsTheyCome() {
        for (int i = 0; i < 10_000; i++) {
            assertFalse(gathering.isWorth(1, START + TimeUnit.MICROSECONDS.toNanos(100L * i)), "packet " + i);
        }
    }

    @Test
    void fiftyThousandASecondGatherWithinAMillisecond() {
        int i = 0;
        while (!gathering.isWorth(1, START + TimeUnit.MICROSECONDS.toNanos(20L * i))) {
            i++;
        }
        assertEquals(31, i);
    }

    @Test
    void whoKnocksAllAtOnceAndIsDoneIsForgotten() {
        assertFalse(gathering.isWorth(31, START));
        assertFalse(gathering.isWorth(31, START + TimeUnit.MILLISECONDS.toNanos(2)));
        assertTrue(gathering.isWorth(1, START + TimeUnit.MILLISECONDS.toNanos(2)));
    }

    @Test
    void itIsOverWhenHardlyAnyHaveComeForATenthOfASecond() {
        for (int i = 0; i < 499; i++) {
            assertFalse(gathering.isOver(i % 2));
        }
        assertFalse(gathering.isOver(2), "some more came");
        for (int i = 0; i < 499; i++) {
            assertFalse(gathering.isOver(1));
        }
        assertTrue(gathering.isOver(0));
        assertFalse(gathering.isOver(0), "it counts anew");
    }
}
