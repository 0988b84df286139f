package org.mayfly.agent.core;

import java.time.Duration;
import java.util.Map;
import org.mayfly.knock.Ip6Address;

/**
 * What the leases have in the kernel, each with the time it has left: what a new guard begins with.
 *
 * @param permits who is let in, each once. There may be a million: made one by one while they are gone through
 * @param cut whose packets are dropped because they were cut off
 * @param doors those that are addresses
 */
public record Standing(
        Iterable<Map.Entry<Permit, Duration>> permits, Map<Permit, Duration> cut, Map<Ip6Address, Duration> doors) {
    /** Before there was a lease. */
    public static final Standing NOTHING = new Standing(Map.of(), Map.of(), Map.of());

    public Standing(Map<Permit, Duration> permits, Map<Permit, Duration> cut, Map<Ip6Address, Duration> doors) {
        this(permits.entrySet(), cut, doors);
    }
}
