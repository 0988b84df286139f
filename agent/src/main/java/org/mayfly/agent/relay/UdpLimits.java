package org.mayfly.agent.relay;

/**
 * How many flows a UDP relay keeps at a time. Where there would be more, the one that was used least lately makes room: a
 * client that asks from ever new ports, as resolvers do, puts an end to its own oldest ones.
 *
 * @param flows in all; each takes two descriptors
 * @param ofANetwork of one /64, or one IPv4 address
 */
public record UdpLimits(int flows, int ofANetwork) {
    private static final int SHARE = 4;

    /** So many in all, and a quarter of them for one network. */
    public static UdpLimits of(int flows) {
        return new UdpLimits(flows, Math.max(1, flows / SHARE));
    }
}
