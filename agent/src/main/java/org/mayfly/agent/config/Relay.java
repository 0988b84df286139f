package org.mayfly.agent.config;

import java.time.Duration;
import org.mayfly.agent.relay.Target;

/**
 * {@code [service.NAME] relay} and what goes with it: the agent takes the service's connections, and pipes them on.
 *
 * @param target where they lead
 * @param idle how long a flow of UDP may be silent before it is forgotten; of no meaning with TCP
 */
public record Relay(Target target, Duration idle) {
    /** RFC 4787, REQ-5: at least two minutes, and five are recommended. */
    static final Duration IDLE = Duration.ofMinutes(5);
}
