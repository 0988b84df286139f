package org.mayfly.packaging;

import org.mayfly.knock.Ip6Prefix;

/** Where the doors are in the {@link Network}, and the mode that the agent then has to choose. */
enum Layout {
    ON_LINK("2001:db8:3::/64", "address"),
    ROUTED("2001:db8:d::/64", "anyip");

    private final String prefix;
    final String mode;

    Layout(String prefix, String mode) {
        this.prefix = prefix;
        this.mode = mode;
    }

    Ip6Prefix prefix() {
        return Ip6Prefix.parse(prefix);
    }

    /** A configuration up to the services; {@code [paths]} is the business of {@link Mayflyd}. */
    String door() {
        return """
                [door]
                interface = "eth0"
                prefix = "%s"

                """.formatted(prefix);
    }

    /** The whole of what most tests want: ssh on 22, with that lease and session. */
    String ssh(String lease, String session) {
        return door() + service("ssh", 22, lease, session, "closed");
    }

    static String service(String name, int port, String lease, String session, String ipv4) {
        return """
                [service.%s]
                port = %d
                lease = "%s"
                session = "%s"
                ipv4 = "%s"

                """.formatted(name, port, lease, session, ipv4);
    }
}
