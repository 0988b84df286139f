package org.mayfly.knock.client;

import java.net.StandardProtocolFamily;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * How to knock.
 *
 * @param family knocks go over this one only; null: over whichever works, that of the door first
 * @param carrier knocks travel in this one only; null: in whichever works, UDP first
 * @param source the address the connection will come from; null: what the system would use
 * @param leaseSeconds 0: the service's own
 */
public record KnockOptions(
        @Nullable StandardProtocolFamily family,
        @Nullable Carrier carrier,
        @Nullable Ip6Address source,
        long leaseSeconds) {
    public static final KnockOptions DEFAULT = new KnockOptions(null, null, null, 0);

    /**
     * Whether the permit is for IPv4, and so without a door: where an IPv4 source is named, or where the user wants
     * IPv4 and names none.
     */
    boolean ipv4Permit() {
        return source != null ? source.isIpv4() : family == StandardProtocolFamily.INET;
    }
}
