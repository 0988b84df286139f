/**
 * Connections that are handed on: pipes from a client to a target, the port that is shared with another server, and the
 * relay of services. Netty, on a loop of its own, so that no transfer holds up a knock.
 */
@NullMarked
package org.mayfly.agent.relay;

import org.jspecify.annotations.NullMarked;
