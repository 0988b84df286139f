package org.mayfly.agent.gate;

/**
 * What the gate did since it was loaded. What the length filter of a socket drops is not counted by anybody.
 *
 * @param socket by the filter of the sockets
 * @param xdp on the interface; what it leaves alone, since it is no plain UDP packet to a knock port, is not counted
 */
public record Counts(Tally socket, Tally xdp) {}
