package org.mayfly.agent.core;

import java.util.List;
import java.util.stream.Stream;
import org.mayfly.knock.Ip6Address;

/**
 * Where knocks are heard by UDP: on the same port of another address somebody else may listen.
 *
 * @param address of this host; {@code ::} for all of IPv6, {@code ::ffff:0.0.0.0} for all of IPv4
 */
public record KnockPort(Ip6Address address, int port) {
    private static final Ip6Address ANY_IPV4 = Ip6Address.parse("0.0.0.0");
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");
    private static final int LOOPBACK_NET = 127;

    /** Whether all addresses of its family are meant. */
    public boolean isAnyAddress() {
        return address.isUnspecified() || address.equals(ANY_IPV4);
    }

    /** The address as packets have it: 4 octets or 16. */
    public byte[] octets() {
        return address.isIpv4() ? address.toIpv4Bytes() : address.toBytes();
    }

    /**
     * What sockets hear that are bound so: {@code [::]} hears IPv4 too. Without what is on loopback, where no interface
     * brings anything.
     */
    public static List<KnockPort> heard(List<KnockPort> bound) {
        return bound.stream()
                .filter(p -> !p.isLoopback())
                .flatMap(p -> p.address.isUnspecified() ? Stream.of(p, new KnockPort(ANY_IPV4, p.port)) : Stream.of(p))
                .distinct()
                .toList();
    }

    /** {@code IPv6 port 62201}, {@code 192.0.2.1 port 62201}. */
    @Override
    public String toString() {
        String where = isAnyAddress() ? address.isIpv4() ? "IPv4" : "IPv6" : address.toString();
        return where + " port " + port;
    }

    private boolean isLoopback() {
        return address.isIpv4() ? octets()[0] == LOOPBACK_NET : address.equals(LOOPBACK);
    }
}
