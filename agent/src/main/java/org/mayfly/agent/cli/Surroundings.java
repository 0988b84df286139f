package org.mayfly.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Where a command runs.
 *
 * @param zone in which people are told times
 * @param terminal whether a person reads standard output
 */
record Surroundings(Clock clock, ZoneId zone, boolean terminal) {

    static Surroundings real() {
        return new Surroundings(Clock.systemUTC(), ZoneId.systemDefault(), isTerminal());
    }

    /** Not by System.console(): from JDK 22 on there is one without a terminal, too. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    Times times() {
        return new Times(Instant.now(clock), zone);
    }
}
