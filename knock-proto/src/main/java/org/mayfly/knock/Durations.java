package org.mayfly.knock;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them, in options and in the configuration alike: {@code 30s}, {@code 5m}, {@code 12h}, {@code 1d}. */
public final class Durations {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})([smhd])");
    private static final Map<String, Long> SECONDS = Map.of("s", 1L, "m", 60L, "h", 3600L, "d", 86_400L);

    private Durations() {}

    /**
     * Reads a whole number and one unit.
     *
     * @throws IllegalArgumentException if it is anything else; the message says what was expected
     */
    public static Duration parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a duration such as 30s, 5m, 12h or 1d");
        }
        return Duration.ofSeconds(Long.parseLong(m.group(1)) * SECONDS.getOrDefault(m.group(2), 0L));
    }

    /**
     * Writes it with the largest unit that leaves no rest, so that {@link #parse} gives it back. A part of a second is
     * rounded up: a lease that still lives is not written as {@code 0s}.
     */
    public static String format(Duration d) {
        long s = d.getNano() > 0 ? d.getSeconds() + 1 : d.getSeconds();
        if (s != 0 && s % 86_400 == 0) {
            return s / 86_400 + "d";
        }
        if (s != 0 && s % 3600 == 0) {
            return s / 3600 + "h";
        }
        return s != 0 && s % 60 == 0 ? s / 60 + "m" : s + "s";
    }
}
