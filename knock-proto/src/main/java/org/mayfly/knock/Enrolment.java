package org.mayfly.knock;

import java.util.List;
import java.util.stream.Stream;

/**
 * Everything a client needs to knock, in one URI that can be pasted or scanned ({@link #parse}, {@link #toUri}). Holds
 * the client's secret.
 *
 * @param client {@code [a-z0-9][a-z0-9._-]{0,31}}
 * @param host where to send knocks: a name, an IPv4 or an IPv6 address, the last without brackets
 * @param port of the UDP listener
 * @param tcpPort of the TCP listener, or 0
 * @param services at least one; the first is what it gets when it names none
 * @param clientSecret 32 bytes
 * @param server whose client it is
 * @param doors where the doors of this server are, or were when the client was enrolled
 * @param follow how many of the first bits of the door prefix are those of the server's address, whatever that is by
 *     then; 0: none, the prefix never changes
 */
public record Enrolment(
        String client,
        String host,
        int port,
        int tcpPort,
        List<ServiceOffer> services,
        Secret clientSecret,
        ServerIdentity server,
        DoorSpace doors,
        int follow) {
    /** How many prefixes are derived at most from a host's addresses: some names have dozens. */
    static final int MAX_FOLLOWED = 4;

    private static final List<Ip6Prefix> UNICAST = List.of(
            Ip6Prefix.parse("2000::/3"), // what IANA assigns as global unicast
            Ip6Prefix.parse("fc00::/7")); // unique local, RFC 4193

    /** Bytes of a client's secret. */
    public static final int SECRET_LENGTH = 32;

    /** @throws IllegalArgumentException one line that says which part is wrong */
    public Enrolment {
        services = List.copyOf(services);
        check(client.matches("[a-z0-9][a-z0-9._-]{0,31}"), "the client name has to be [a-z0-9][a-z0-9._-]{0,31}");
        check(isHost(host), "the host has to be a name, an IPv4 or an IPv6 address");
        check(port >= 1 && port <= 65535, "the knock port has to be 1 to 65535");
        check(tcpPort >= 0 && tcpPort <= 65535, "the TCP knock port (t) has to be 1 to 65535");
        check(!services.isEmpty(), "there has to be a service (s)");
        check(
                services.stream().map(ServiceOffer::name).distinct().count() == services.size(),
                "a service (s) is named twice");
        check(clientSecret.length() == SECRET_LENGTH, "the secret (k) has to be " + SECRET_LENGTH + " bytes");
        check(
                follow >= 0 && follow <= doors.prefix().length(),
                "the followed bits (f) have to be 1 to " + doors.prefix().length()
                        + ", as long as the door prefix (p)");
    }

    /** One whose door prefix never changes. */
    public Enrolment(
            String client,
            String host,
            int port,
            int tcpPort,
            List<ServiceOffer> services,
            Secret clientSecret,
            ServerIdentity server,
            DoorSpace doors) {
        this(client, host, port, tcpPort, services, clientSecret, server, doors, 0);
    }

    private static void check(boolean good, String otherwise) {
        if (!good) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static boolean isHost(String host) {
        if (host.indexOf(':') >= 0) {
            return host.matches("[0-9A-Fa-f:.]+") && isAddress(host);
        }
        boolean dotted = host.matches("[0-9.]+");
        return dotted
                ? isAddress(host)
                : host.length() <= 253 && host.matches("[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9.])?");
    }

    private static boolean isAddress(String host) {
        try {
            Ip6Address.parse(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads a URI as an agent prints it; blanks and line ends around it are ignored.
     *
     * @throws IllegalArgumentException one line that says what is wrong and never contains the secret
     */
    public static Enrolment parse(String uri) {
        return EnrolmentUri.parse(uri.strip());
    }

    /** The URI. It contains the secret: print it to nobody but its client. */
    public String toUri() {
        return EnrolmentUri.format(this);
    }

    /**
     * Where the doors may be while the host has these addresses, the likeliest first and the enrolled prefix last;
     * never empty, and no prefix twice. What is not IPv6 unicast of global or unique local scope says nothing about a
     * prefix and is passed over: so are NAT64's addresses (RFC 6052), which are those of a translator.
     *
     * @param host in the order of their likelihood: the one that is knocked at first
     */
    public List<DoorSpace> doorsAt(List<Ip6Address> host) {
        if (follow == 0) {
            return List.of(doors);
        }
        Stream<Ip6Prefix> moved = host.stream()
                .filter(a -> UNICAST.stream().anyMatch(u -> u.contains(a)))
                .map(a -> doors.prefix().movedTo(a, follow))
                .distinct()
                .limit(MAX_FOLLOWED);
        return Stream.concat(moved, Stream.of(doors.prefix()))
                .distinct()
                .map(p -> new DoorSpace(p, doors.reserved()))
                .toList();
    }

    /** The service of that name, or of the client's first choice if it is empty. */
    public ServiceOffer service(String name) {
        return services.stream()
                .filter(s -> name.isEmpty() || s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "no service \"" + name + "\" is offered to this client, only " + services));
    }
}
