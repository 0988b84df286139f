package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class FloodsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long BAD = 0x2001_0db8_0000_0001L;
    private static final long GOOD = 0x2001_0db8_0000_0002L;
    private static final long IPV4 = 0xffff_0000_0000L;

    private final Floods floods = new Floods(new Random(1).nextLong());
    private long now = -5 * SECOND; // a monotonic clock may begin anywhere

    @Test
    void whoIsRefusedNowAndThenIsLookedAt() {
        for (int i = 0; i < 10_000; i++) {
            assertFalse(floods.isFlooding(BAD, i, 1, now));
            floods.refused(BAD, i, 1, now);
            now += SECOND / 100;
        }
    }

    /** It may be somebody else who says that he is that source. */
    @Test
    void whileThereIsLittleOfItNobodyIsLimited() {
        for (int i = 0; i < 50_000; i++) {
            assertFalse(floods.isFlooding(BAD, 1, 1, now));
            floods.refused(BAD, 1, 1, now);
            now += SECOND / 9_000;
        }
    }

    @Test
    void aFloodIsLookedAtNowAndThenAndOthersAlways() {
        int looked = 0;
        for (int i = 0; i < 10_000_000 / 10; i++) { // ten seconds at 100,000 a second
            if (!floods.isFlooding(BAD, i, 1, now)) { // any address of its /64
                looked++;
                floods.refused(BAD, i, 1, now);
            }
            assertFalse(floods.isFlooding(GOOD, 1, 1, now));
            now += SECOND / 100_000;
        }

        assertTrue(looked > 10_000 && looked < 10 * 10_000 + 10_000, looked + " looked at");
    }

    @Test
    void fromManySourcesEachHasItsShare() {
        Random random = new Random(2);
        int[] looked = new int[1000];
        for (int i = 0; i < 3_000_000; i++) { // ten seconds at 300,000 a second
            int source =
                    random.nextInt(looked.length); // in turns, one of two that share a place would always be second
            if (!floods.isFlooding(BAD + source, 1, 1, now)) {
                looked[source]++;
                floods.refused(BAD + source, 1, 1, now);
            }
            now += SECOND / 300_000;
        }

        for (int n : looked) {
            assertTrue(n >= 90, n + " of one source");
        }
        now += 2 * SECOND;
        assertFalse(floods.isFlooding(BAD, 1, 1, now));
    }

    /** However many flood, hardly anybody else is taken for one of them. */
    @Test
    void othersAreHardlyEverTakenForThem() {
        int flooding = 4000;
        for (int i = 0; i < 200 * flooding; i++) {
            floods.refused(BAD + i % flooding, 1, 1, now);
        }

        int innocent = 0;
        for (int i = 0; i < 10_000; i++) {
            innocent += floods.isFlooding(BAD + 1_000_000 + i, 1, 1, now) ? 1 : 0;
        }
        assertTrue(innocent < 200, innocent + " of 10,000");
    }

    /** Somebody may say that he is at the address of another client; whose key it is he does not know. */
    @Test
    void aFloodInAnothersNameIsOfAnotherKey() {
        for (int i = 0; i < 100_000; i++) {
            floods.refused(BAD, 1, -1, now);
            floods.refused(BAD, 1, 7, now);
        }

        assertTrue(floods.isFlooding(BAD, 1, -1, now));
        assertTrue(floods.isFlooding(BAD, 1, 7, now));
        assertFalse(floods.isFlooding(BAD, 1, 8, now));
    }

    @Test
    void anIpv4AddressIsASourceOfItsOwn() {
        long[] sources = {IPV4 | 1, IPV4 | 2};
        for (int i = 0; i < 100_000; i++) {
            floods.refused(0, sources[0], 1, now);
        }

        assertTrue(floods.isFlooding(0, sources[0], 1, now));
        assertFalse(floods.isFlooding(0, sources[1], 1, now));
        assertEquals(floods.isFlooding(0, sources[0], 1, now), floods.isFlooding(0, sources[0], 1, now + 1));
    }
}
