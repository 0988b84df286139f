package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * What calls have left behind in a kernel.
 *
 * @param permits with the time each has left
 */
record LeftBehind(
        Map<Permit, Duration> permits,
        Set<Ip6Address> addresses,
        Set<Ip6Prefix> prefixes,
        Map<Permit, Integer> sessions) {
    private static final Duration DIFFERENCE = Duration.ofSeconds(2);

    static LeftBehind in(KernelPort k, Collection<Permit> permits) throws KernelException {
        return new LeftBehind(k.permits(), Set.copyOf(k.addresses()), Set.copyOf(k.prefixes()), k.sessions(permits));
    }

    /** Whether there is the same, for however long. */
    boolean isLike(LeftBehind other) {
        return permits.keySet().equals(other.permits.keySet())
                && addresses.equals(other.addresses)
                && prefixes.equals(other.prefixes)
                && sessions.equals(other.sessions);
    }

    void assertLike(LeftBehind expected, String when) {
        assertEquals(expected.permits.keySet(), permits.keySet(), when);
        assertEquals(expected.addresses, addresses, when);
        assertEquals(expected.prefixes, prefixes, when);
        assertEquals(expected.sessions, sessions, when);
        expected.permits.forEach((permit, left) -> {
            Duration difference =
                    left.minus(permits.getOrDefault(permit, Duration.ZERO)).abs();
            assertTrue(difference.compareTo(DIFFERENCE) < 0, () -> when + ": " + permit + " " + permits);
        });
    }
}
