package org.mayfly.agent.net;

import java.util.List;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What an IPv4 address is good for, by the registry of special purposes (RFC 6890). */
public enum Ipv4Kind {
    /** Of this host or this link, or of nobody: multicast, reserved. No translator leads there. */
    LOCAL("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"),
    /** Of a private network (RFC 1918), or of a provider's (RFC 6598). */
    PRIVATE("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"),
    /** For documents, tests and protocols: routed by nobody else, and so in laboratories only. */
    SPECIAL("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    /** Everything else. */
    GLOBAL;

    private static final int MAPPED_BITS = 96;

    @SuppressWarnings("ImmutableEnumChecker") // a list of records that is never changed
    private final List<Ip6Prefix> prefixes;

    Ipv4Kind(String... prefixes) {
        this.prefixes = List.of(prefixes).stream().map(Ipv4Kind::mapped).toList();
    }

    private static Ip6Prefix mapped(String ipv4) {
        int slash = ipv4.indexOf('/');
        int length = Integer.parseInt(ipv4.substring(slash + 1));
        return new Ip6Prefix(Ip6Address.parse(ipv4.substring(0, slash)), MAPPED_BITS + length);
    }

    /** @param ipv4 in its mapped form */
    public static Ipv4Kind of(Ip6Address ipv4) {
        for (Ipv4Kind kind : values()) {
            if (kind.prefixes.stream().anyMatch(p -> p.contains(ipv4))) {
                return kind;
            }
        }
        return GLOBAL;
    }
}
