package org.mayfly.agent.core;

import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * One client let through to one service: the element of a set in the kernel.
 *
 * @param source who may come: an address with the bits after {@code sourceLength} cleared; an IPv4 source stands in its
 *     mapped form
 * @param sourceLength 128 for that address alone, 64 for its /64, 0 for anybody who finds the door; always 128 on IPv4
 * @param door the address that is let through to; {@link Ip6Address#UNSPECIFIED} on IPv4, where any address of the host
 *     serves
 */
public record Permit(Ip6Address source, int sourceLength, Ip6Address door, Protocol protocol, int port) {
    public Permit {
        boolean known = sourceLength == 128 || sourceLength == 64 || sourceLength == 0;
        if (!known || !source.equals(source.masked(sourceLength)) || source.isIpv4() != door.isUnspecified()) {
            throw new IllegalArgumentException("not a permit: " + source + "/" + sourceLength + " to " + door);
        }
    }

    public boolean isIpv4() {
        return source.isIpv4();
    }

    /** By hand, as {@link #hashCode}: see {@link Ip6Address#equals}. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Permit p
                && door.equals(p.door)
                && source.equals(p.source)
                && sourceLength == p.sourceLength
                && protocol == p.protocol
                && port == p.port;
    }

    @Override
    public int hashCode() {
        int hash = 31 * source.hashCode() + door.hashCode();
        return 31 * (31 * (31 * hash + sourceLength) + protocol.number()) + port;
    }
}
