package org.mayfly.agent.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as people want to read them. */
record Times(Instant now, ZoneId zone) {
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    /** Such as {@code 14:03:22 (in 24 s)}, with the date if it is not today. */
    String both(Instant time) {
        return local(time) + " (" + relative(time) + ")";
    }

    /** Such as {@code 2026-11-21 14:03:22}, for a line that may be read much later. */
    String full(Instant time) {
        return time.atZone(zone).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT));
    }

    /** Such as {@code 14:03:22}, with the date if it is not today. */
    String local(Instant time) {
        ZonedDateTime at = time.atZone(zone);
        boolean today = at.toLocalDate().equals(now.atZone(zone).toLocalDate());
        return at.format(DateTimeFormatter.ofPattern(today ? "HH:mm:ss" : "yyyy-MM-dd HH:mm", Locale.ROOT));
    }

    /** Such as {@code in 24 s} or {@code 3 min ago}. */
    String relative(Instant time) {
        Duration distance = Duration.between(now, time);
        // Half a second is put off or on, so that a lease of 30 s made just now is not one of 29.
        long seconds = Math.abs((distance.toMillis() + (distance.isNegative() ? -500 : 500)) / 1000);
        if (seconds == 0) {
            return "now";
        }
        return distance.isNegative() ? span(seconds) + " ago" : "in " + span(seconds);
    }

    /** The two greatest units, such as {@code 11 h 58 min}. */
    static String span(long seconds) {
        if (seconds < MINUTE) {
            return seconds + " s";
        }
        if (seconds < HOUR) {
            return two(seconds, MINUTE, "min", 1, "s");
        }
        return seconds < DAY ? two(seconds, HOUR, "h", MINUTE, "min") : two(seconds, DAY, "d", HOUR, "h");
    }

    private static String two(long seconds, long great, String greatName, long small, String smallName) {
        long rest = seconds % great / small;
        return seconds / great + " " + greatName + (rest == 0 ? "" : " " + rest + " " + smallName);
    }
}
