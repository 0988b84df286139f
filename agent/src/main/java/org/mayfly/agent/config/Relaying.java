package org.mayfly.agent.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.relay.Target;

/**
 * Connections that the agent pipes on.
 *
 * @param share where those to {@code [listen] tcp} go; null if nowhere, and then nothing but a knock is taken there
 * @param services by the name of the service
 * @param limit how many there may be at once: to shared ports, to relayed services, and by NAT64, each
 * @param translating those to IPv4 addresses behind IPv6 addresses
 */
public record Relaying(@Nullable Target share, Map<String, Relay> services, int limit, Translating translating) {
    public Relaying {
        services = Map.copyOf(services);
    }

    /** @throws IllegalArgumentException if that service is not relayed */
    public Relay of(String service) {
        Relay relay = services.get(service);
        if (relay == null) {
            throw new IllegalArgumentException("not relayed: " + service);
        }
        return relay;
    }

    /** Without translation. */
    public Relaying(@Nullable Target share, Map<String, Relay> services, int limit) {
        this(share, services, limit, Translating.NOTHING);
    }
}
