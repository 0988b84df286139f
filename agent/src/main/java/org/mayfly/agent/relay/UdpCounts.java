package org.mayfly.agent.relay;

/**
 * What became of the datagrams of a relayed UDP port, since the start.
 *
 * @param open flows there are now, those included that are still asked about
 * @param total flows that began
 * @param refused that were asked about and not let in; a client that goes on sending is asked about a few times a second
 * @param evicted flows that made room for others
 * @param expired flows that nobody used any more
 * @param cut flows that ended with their socket: their lease is over, or they were revoked
 * @param failed flows that could not be opened: no descriptor, no target
 * @param toTarget datagrams from clients to the target
 * @param toTargetBytes what was in them
 * @param toClient datagrams from the target to clients
 * @param toClientBytes what was in them
 * @param dropped datagrams that got no further, either way: there was no room, or nobody was let in
 */
public record UdpCounts(
        int open,
        long total,
        long refused,
        long evicted,
        long expired,
        long cut,
        long failed,
        long toTarget,
        long toTargetBytes,
        long toClient,
        long toClientBytes,
        long dropped) {}
