package org.mayfly.agent.translate;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * What a DNS64 forwarder is to do.
 *
 * @param format the prefix that its answers are in
 * @param inside whether private IPv4 addresses get an answer as well; with the well-known prefix they never do
 * @param listen where it is asked, over UDP and TCP; no wildcard addresses, since an answer has to come from the address
 *     that was asked
 * @param upstream the resolvers it asks, the preferred one first
 * @param exclude AAAA records in these do not count (RFC 6147, 5.1.4)
 * @param from who may ask, besides this host; IPv4 in its mapped form
 * @param limit queries that wait for an answer at one time
 */
public record Dns64Settings(
        Rfc6052 format,
        boolean inside,
        List<InetSocketAddress> listen,
        List<InetSocketAddress> upstream,
        List<Ip6Prefix> exclude,
        List<Ip6Prefix> from,
        int limit) {
    /** Mapped IPv4 addresses, which lead nowhere from an IPv6 host (RFC 6147, 5.1.4). */
    public static final List<Ip6Prefix> EXCLUDED = List.of(Ip6Prefix.parse("::ffff:0:0/96"));

    /** Enough for some hundred clients whose resolver takes seconds; each waiting query holds up to seven descriptors. */
    public static final int LIMIT = 500;

    private static final List<Ip6Prefix> LOOPBACK =
            List.of(Ip6Prefix.parse("::1/128"), new Ip6Prefix(Ip6Address.parse("127.0.0.0"), 96 + 8));

    public Dns64Settings {
        listen = List.copyOf(listen);
        upstream = List.copyOf(upstream);
        exclude = List.copyOf(exclude);
        from = List.copyOf(from);
        check(listen, upstream);
        if (limit < 1) {
            throw new IllegalArgumentException(
                    "DNS64 must be allowed to have at least one query waiting, not " + limit);
        }
    }

    private static void check(List<InetSocketAddress> listen, List<InetSocketAddress> upstream) {
        if (upstream.isEmpty()) {
            throw new IllegalArgumentException("DNS64 has no resolver to ask; name at least one in upstream");
        }
        for (InetSocketAddress a :
                (Iterable<InetSocketAddress>) Stream.concat(listen.stream(), upstream.stream())::iterator) {
            if (a.isUnresolved() || a.getPort() == 0) {
                throw new IllegalArgumentException("DNS64 needs an address with a port, not " + a);
            }
        }
        for (InetSocketAddress a : listen) {
            if (a.getAddress().isAnyLocalAddress()) {
                throw new IllegalArgumentException("DNS64 cannot listen on all addresses (" + text(a)
                        + "), for an answer must come from the address that was asked; name each, such as [::1]:53");
            }
            if (upstream.contains(a)) {
                throw new IllegalArgumentException("DNS64 would ask itself: " + text(a) + " is in listen and upstream");
            }
        }
    }

    static String text(InetSocketAddress a) {
        Ip6Address host = Ip6Address.of(a.getAddress());
        return (host.isIpv4() ? host.toString() : "[" + host + "]") + ":" + a.getPort();
    }

    /**
     * Whether that host may ask. This host asks an address of its own from that address (RFC 6724, 5, rule 1): loopback, or
     * one of those that are listened on.
     */
    boolean admits(Ip6Address source) {
        return Stream.concat(LOOPBACK.stream(), from.stream()).anyMatch(p -> p.contains(source))
                || listen.stream().anyMatch(a -> Ip6Address.of(a.getAddress()).equals(source));
    }

    boolean excludes(Ip6Address answer) {
        return exclude.stream().anyMatch(p -> p.contains(answer));
    }

    /** Whether that IPv4 address can stand in the prefix (RFC 6052, 3.1) and leads anywhere. */
    boolean represents(Ip6Address ipv4) {
        return format.represents(ipv4, inside);
    }
}
