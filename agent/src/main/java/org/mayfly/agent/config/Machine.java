package org.mayfly.agent.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * What the choice of a door prefix needs to know of the machine.
 *
 * @param interfaces names of all interfaces
 * @param addresses global IPv6 addresses that are the host's own
 * @param onLink prefixes whose addresses are neighbours on an interface
 * @param defaultInterface the one that the IPv6 default route leads to; null without one
 */
public record Machine(
        List<String> interfaces,
        List<Address> addresses,
        List<OnLink> onLink,
        @Nullable String defaultInterface) {
    /**
     * An address of the host.
     *
     * @param length of its prefix
     * @param stable neither temporary nor deprecated
     */
    public record Address(String interfaceName, Ip6Address address, int length, boolean stable) {}

    /** A prefix that is on an interface's link. */
    public record OnLink(String interfaceName, Ip6Prefix prefix) {}
}
