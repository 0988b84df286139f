package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({"0s,0", "1s,1", "30s,30", "90s,90", "5m,300", "12h,43200", "1d,86400", "7d,604800", "61m,3660"})
    void readsAndWritesTheSameText(String text, long seconds) {
        assertEquals(Duration.ofSeconds(seconds), Durations.parse(text));
        assertEquals(text, Durations.format(Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "-1s", "1.5s", "1 s", "1S", "1w", "1h30m", "9999999999s", "٣s"})
    void saysWhatItWanted(String text) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
        assertTrue(e.toString().contains("30s, 5m, 12h or 1d"), e::toString);
    }

    @Test
    void neverWritesALivingLeaseAsNothing() {
        assertEquals("1s", Durations.format(Duration.ofMillis(1)));
        assertEquals("1m", Durations.format(Duration.ofMillis(59_001)));
    }
}
