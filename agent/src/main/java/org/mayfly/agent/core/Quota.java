package org.mayfly.agent.core;

/**
 * How much one client may have.
 *
 * @param leases live leases at once
 * @param rate accepted knocks per second in the long run; as many again may come at once
 */
public record Quota(int leases, int rate) {}
