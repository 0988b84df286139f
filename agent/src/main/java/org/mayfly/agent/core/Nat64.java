package org.mayfly.agent.core;

import org.mayfly.knock.Ip6Prefix;

/**
 * IPv4 behind IPv6 addresses: whoever is inside reaches the IPv4 address that stands in the last 32 bits (RFC 6052, 2.2).
 *
 * @param prefix all of it is this host's; /96
 * @param interfaceName where those come from who may use it; one that is not there lets nobody in
 * @param inside whether it leads to private IPv4 addresses
 * @param port on {@code ::1}, where a transparent socket takes the connections, whatever port they are for
 */
public record Nat64(Ip6Prefix prefix, String interfaceName, boolean inside, int port) {
    /** Bits before the IPv4 address. */
    public static final int LENGTH = 96;

    public Nat64 {
        if (prefix.length() != LENGTH) {
            throw new IllegalArgumentException(prefix + " is no /" + LENGTH);
        }
    }
}
