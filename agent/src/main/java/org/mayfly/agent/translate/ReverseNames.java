package org.mayfly.agent.translate;

import java.util.Optional;
import org.mayfly.knock.Ip6Address;

/** Names that stand for addresses: of IPv6 under ip6.arpa (RFC 3596, 2.5), of IPv4 under in-addr.arpa (RFC 1035, 3.5). */
final class ReverseNames {
    private static final DnsName IP6 = DnsName.of("ip6.arpa");
    private static final int NIBBLES = 32;

    private ReverseNames() {}

    /** The address of a name, if it is under ip6.arpa and complete. */
    static Optional<Ip6Address> ip6(DnsName name) {
        long high = 0;
        long low = 0;
        DnsName rest = name;
        for (int i = 0; i < NIBBLES; i++) {
            String label = rest.label();
            int nibble = label.length() == 1 ? Character.digit(label.charAt(0), 16) : -1;
            if (nibble < 0 || label.charAt(0) > 'f') {
                return Optional.empty();
            }
            // The first label is the last nibble of the address.
            if (i < NIBBLES / 2) {
                low |= (long) nibble << 4 * i;
            } else {
                high |= (long) nibble << 4 * (i - NIBBLES / 2);
            }
            rest = rest.parent();
        }
        return rest.equals(IP6) ? Optional.of(new Ip6Address(high, low)) : Optional.empty();
    }

    /** @param address in its mapped form */
    static DnsName ipv4(Ip6Address address) {
        byte[] b = address.toIpv4Bytes();
        return DnsName.of(
                (b[3] & 255) + "." + (b[2] & 255) + "." + (b[1] & 255) + "." + (b[0] & 255) + ".in-addr.arpa");
    }
}
