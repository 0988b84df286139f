package org.mayfly.agent.translate;

import java.util.List;
import java.util.Optional;
import org.mayfly.agent.net.Ipv4Kind;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * IPv4 addresses in IPv6 addresses of a prefix, as RFC 6052, 2.2 lays them out. The octet {@code u}, bits 64 to 71, is kept
 * free in all but the longest, and so is what comes after the IPv4 address.
 *
 * <pre>
 *  +--+---+---+---+---+---+---+---+---+---+---+---+---+
 *  |PL| 0-------------32--40--48--56--64--72--80--88--96
 *  +--+---+---+---+---+---+---+---+---+---+---+---+---+
 *  |32|     prefix    |v4(32)         | u | suffix
 *  |40|     prefix        |v4(24)     | u |(8)| suffix
 *  |48|     prefix            |v4(16) | u | (16)  | suffix
 *  |56|     prefix                |(8)| u |  v4(24)   | suffix
 *  |64|     prefix                    | u |   v4(32)      | suffix
 *  |96|     prefix                                    |    v4(32)
 *  +--+---+---+---+---+---+---+---+---+---+---+---+---+
 * </pre>
 *
 * @param prefix of length 32, 40, 48, 56, 64 or 96
 */
public record Rfc6052(Ip6Prefix prefix) {
    /** The prefix that every translator may use, for global IPv4 addresses only (RFC 6052, 2.1 and 3.1). */
    public static final Ip6Prefix WELL_KNOWN = Ip6Prefix.parse("64:ff9b::/96");

    private static final List<Integer> LENGTHS = List.of(32, 40, 48, 56, 64, 96);

    /** Where {@code u} is, in bytes. */
    private static final int U = 8;

    private static final int IPV4_BYTES = 4;

    public Rfc6052 {
        if (!LENGTHS.contains(prefix.length())) {
            throw new IllegalArgumentException(prefix + " cannot hold IPv4 addresses: its length must be one of "
                    + "32, 40, 48, 56, 64 and 96 (RFC 6052, 2.2)");
        }
        if (prefix.length() == 96 && prefix.address().toBytes()[U] != 0) {
            throw new IllegalArgumentException(
                    prefix + " cannot hold IPv4 addresses: its bits 64 to 71 must be zero " + "(RFC 6052, 2.2)");
        }
    }

    /**
     * The address that stands for an IPv4 address.
     *
     * @param ipv4 in its mapped form
     * @throws IllegalStateException if it is not an IPv4 address
     */
    public Ip6Address embed(Ip6Address ipv4) {
        byte[] to = prefix.address().toBytes();
        int at = prefix.length() / 8;
        for (byte b : ipv4.toIpv4Bytes()) {
            at += at == U && prefix.length() < 96 ? 1 : 0;
            to[at++] = b;
        }
        return Ip6Address.of(to);
    }

    /**
     * The IPv4 address an address stands for, in its mapped form; none if it is not in the prefix. What {@code u} and the
     * suffix hold is not looked at (RFC 6052, 2.3).
     */
    public Optional<Ip6Address> extract(Ip6Address address) {
        if (!prefix.contains(address)) {
            return Optional.empty();
        }
        byte[] from = address.toBytes();
        byte[] ipv4 = new byte[IPV4_BYTES];
        int at = prefix.length() / 8;
        for (int i = 0; i < IPV4_BYTES; i++) {
            at += at == U && prefix.length() < 96 ? 1 : 0;
            ipv4[i] = from[at++];
        }
        return Optional.of(Ip6Address.of(ipv4));
    }

    /** Whether it is the well-known prefix, in which only global IPv4 addresses may stand (RFC 6052, 3.1). */
    public boolean isWellKnown() {
        return prefix.equals(WELL_KNOWN);
    }

    /**
     * Whether that IPv4 address can stand in the prefix and leads anywhere.
     *
     * @param inside whether private ones may; with the well-known prefix they never do
     */
    public boolean represents(Ip6Address ipv4, boolean inside) {
        return switch (Ipv4Kind.of(ipv4)) {
            case LOCAL -> false;
            case PRIVATE -> inside && !isWellKnown();
            case SPECIAL -> !isWellKnown();
            case GLOBAL -> true;
        };
    }
}
