package org.mayfly.agent.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;
import org.mayfly.knock.Ip6Address;

/** Where connections are piped to, as the configuration writes it. */
final class Targets {
    private static final String EXPECTED = "; expected one such as \"127.0.0.1:8443\"";

    private Targets() {}

    /**
     * A name or a literal, and a port: {@code 127.0.0.1:8443}, {@code [::1]:8443}, {@code localhost:8443}.
     *
     * @throws IllegalArgumentException what is wrong, and what was expected
     */
    static Target read(String text, ProxyHeader proxy, boolean inside) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || bracketed != host.contains(":") || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("\"" + text + "\" is not a host and port" + EXPECTED);
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("\"" + text + "\": the port is " + number + "; expected 1 to 65535");
        }
        String name = Values.hostName(host);
        Ip6Address literal = literal(name);
        if (literal != null && !isOneHost(literal)) {
            throw new IllegalArgumentException("\"" + text + "\": nothing can be connected to at " + name + EXPECTED);
        }
        return new Target(name, number, proxy, inside);
    }

    /** What is written as an address; null for a name. */
    static @Nullable Ip6Address literal(String host) {
        return host.contains(":") || host.matches("[0-9.]+") ? Ip6Address.parse(host) : null;
    }

    /** connect(2) takes 0.0.0.0 and :: for this host, which is not what anybody means; fe80:: says no interface. */
    private static boolean isOneHost(Ip6Address a) {
        if (a.isIpv4()) {
            int first = a.toIpv4Bytes()[0] & 0xff;
            return first != 0 && first < 224;
        }
        int top = (int) (a.high() >>> 48);
        return !a.isUnspecified() && top >>> 8 != 0xff && (top & 0xffc0) != 0xfe80;
    }

    /** Whether it is this host for sure, by what connects from here. {@code localhost} may be either. */
    static boolean isLoopback4(Target t) {
        Ip6Address a = literal(t.host());
        return a == null ? isLocalhost(t) : a.isIpv4() && a.toIpv4Bytes()[0] == 127;
    }

    static boolean isLoopback6(Target t) {
        Ip6Address a = literal(t.host());
        return a == null ? isLocalhost(t) : a.high() == 0 && a.low() == 1;
    }

    private static boolean isLocalhost(Target t) {
        return t.host().toLowerCase(Locale.ROOT).equals("localhost");
    }
}
