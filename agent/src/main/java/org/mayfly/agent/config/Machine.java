package org.mayfly.agent.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * What the choice of a door prefix needs to know of the machine.
 *
 * @param interfaces names of all interfaces
 * @param addresses IPv6 addresses that are the host's own, in the order of the kernel, doors left out
 * @param onLink prefixes whose addresses are neighbours on an interface: routes without a gateway
 * @param defaultInterface the one that the IPv6 default route leads to; null without one
 */
public record Machine(
        List<String> interfaces,
        List<Address> addresses,
        List<OnLink> onLink,
        @Nullable String defaultInterface) {
    /** Has no neighbours, whatever prefix an address of it has. There is one in every namespace, under this name. */
    private static final String LOOPBACK = "lo";

    public Machine {
        interfaces = List.copyOf(interfaces);
        addresses = List.copyOf(addresses);
        onLink = List.copyOf(onLink);
    }

    /**
     * An address of the host.
     *
     * @param length of its prefix
     * @param stable neither temporary nor tentative
     * @param deprecated still ours, and not to be used for anything new (RFC 4862, section 5.5.4)
     */
    public record Address(String interfaceName, Ip6Address address, int length, boolean stable, boolean deprecated) {
        Ip6Prefix prefix() {
            return Ip6Prefix.around(address, length);
        }

        /** fc00::/7 of RFC 4193, which nobody outside can reach. */
        boolean isUniqueLocal() {
            return address.high() >>> 57 == 0xfc >>> 1;
        }
    }

    /** A prefix that is on an interface's link. */
    public record OnLink(String interfaceName, Ip6Prefix prefix) {}

    /** What is on a link by an address or by a route. An address can be without its route (IFA_F_NOPREFIXROUTE). */
    List<OnLink> links() {
        List<OnLink> all = new ArrayList<>();
        addresses.forEach(a -> all.add(new OnLink(a.interfaceName, a.prefix())));
        all.addAll(onLink);
        all.removeIf(l -> l.interfaceName.equals(LOOPBACK));
        return all;
    }
}
