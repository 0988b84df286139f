package org.mayfly.agent.relay;

/**
 * What became of connections that were to be handed on, since the start.
 *
 * @param open there are now, those included that the target has not taken yet
 * @param total all that came in
 * @param evicted made room for others, on a shared port
 * @param refused found no room
 * @param failed the target could not be reached
 * @param toTarget bytes from clients to targets
 * @param toClient bytes from targets to clients
 */
public record PipeCounts(int open, long total, long evicted, long refused, long failed, long toTarget, long toClient) {}
