package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Times TIMES = new Times(NOW, ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource({
        "0, now",
        "400, now",
        "-400, now",
        "600, in 1 s",
        "29700, in 30 s",
        "-24000, 24 s ago",
        "60000, in 1 min",
        "61000, in 1 min 1 s",
        "3600000, in 1 h",
        "43080000, in 11 h 58 min",
        "-90000000, 1 d 1 h ago"
    })
    void tellsHowFarOff(long millis, String text) {
        assertEquals(text, TIMES.relative(NOW.plusMillis(millis)));
    }

    @Test
    void namesTheDateWhenItIsNotToday() {
        assertEquals("10:00:24 (in 24 s)", TIMES.both(NOW.plusSeconds(24)));
        assertEquals("2026-11-22 00:00 (in 14 h)", TIMES.both(NOW.plusSeconds(50_400)));
    }
}
