package org.mayfly.agent.net;

/**
 * What became of the connections to the TCP listeners, since the agent started.
 *
 * @param waiting how many are open now and have not brought their packet
 * @param accepted how many there were
 * @param evicted how many made room for newer ones
 * @param late how many did not bring their packet in time
 * @param failures how often accept(2) failed, for want of descriptors most likely
 */
public record TcpCounts(int waiting, long accepted, long evicted, long late, long failures) {}
