package org.mayfly.agent.core;

import java.time.Duration;
import java.util.Map;

/**
 * What the core goes by. Replaced as a whole on reload.
 *
 * @param guard what stands in the kernel
 * @param services by name
 * @param window how far a knock's time stamp may be from the clock, either way
 * @param quota for clients that have none of their own
 * @param doorLimit live doors at once, all clients together
 */
public record Settings(Guard guard, Map<String, Service> services, Duration window, Quota quota, int doorLimit) {
    public Settings {
        services = Map.copyOf(services);
    }
}
