package org.mayfly.agent.relay;

import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;

/** Whether a connection that has come in may be handed on. Asked on the loop that owns the agent's state. */
public interface Admission {
    /**
     * @param source where it came from; IPv4 in mapped form
     * @param door the address it came to; unspecified for IPv4, where there are no doors
     * @param port the service's port
     */
    boolean admits(Ip6Address source, Ip6Address door, Protocol protocol, int port);
}
