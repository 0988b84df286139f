package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.translate.Rfc6052;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What text in the file may mean. All throw {@link IllegalArgumentException}: what is wrong, and what was expected. */
final class Values {
    /** sun_path of unix(7) holds 108 bytes, the last being 0. */
    private static final int LONGEST_SOCKET = 107;

    /** As dev_valid_name of net/core/dev.c has it. */
    private static final String INTERFACE = "(?!\\.{1,2}$)[^/:\\s\\p{Cntrl}]{1,15}";

    private Values() {}

    /** {@code [address]:port} or {@code address:port}; always a literal. */
    static InetSocketAddress socket(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String port = text.substring(colon + 1);
        if (host.isEmpty() || bracketed != host.contains(":") || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not an address and port; expected one such as \"[::]:62201\"");
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("\"" + text + "\": the port is " + number + "; expected 1 to 65535");
        }
        Ip6Address address = address(bracketed ? host.substring(1, host.length() - 1) : host);
        return new InetSocketAddress(address.toInetAddress(), number);
    }

    private static Ip6Address address(String text) {
        try {
            return Ip6Address.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; expected one such as 2001:db8::1 or 192.0.2.1", e);
        }
    }

    /** A prefix that doors can be taken from. */
    static Ip6Prefix doorPrefix(String text) {
        Ip6Prefix p = prefix(text, "a prefix such as 2001:db8:1:2::/64, or \"auto\"");
        if (p.length() < 64 || p.length() > 96) {
            throw new IllegalArgumentException(p + " leaves " + (128 - p.length())
                    + " bits for doors; expected a prefix length of 64 to 96, which leaves 64 to 32");
        }
        if (!isGlobal(p.address())) {
            throw new IllegalArgumentException(
                    p + " has no global addresses; expected a prefix such as 2001:db8:1:2::/64, or \"auto\"");
        }
        return p;
    }

    /** A range of the host part. */
    static Ip6Prefix range(String text) {
        return prefix(text, "a range such as ::/124, relative to the door prefix");
    }

    /** A /96 whose last 32 bits are IPv4 addresses. */
    static Ip6Prefix translationPrefix(String text) {
        Ip6Prefix p = format(text).prefix();
        if (p.length() != Nat64.LENGTH) {
            throw new IllegalArgumentException(p + " is no /96; expected one such as 64:ff9b:1::/96");
        }
        return p;
    }

    /** A prefix that IPv4 addresses can stand in. */
    static Rfc6052 format(String text) {
        Ip6Prefix p = prefix(text, "a prefix such as 64:ff9b:1::/96");
        if (!isGlobal(p.address())) {
            throw new IllegalArgumentException(
                    p + " has no global addresses; expected a prefix such as 64:ff9b:1::/96");
        }
        try {
            return new Rfc6052(p);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; expected a prefix such as 64:ff9b:1::/96", e);
        }
    }

    /** IPv6 or IPv4, the latter in mapped form. */
    static Ip6Prefix network(String text) {
        int slash = text.indexOf('/');
        if (!text.contains(":") && text.substring(slash + 1).matches("[0-9]|[12][0-9]|3[0-2]") && slash > 0) {
            return prefix(
                    "::ffff:" + text.substring(0, slash) + "/" + (96 + Integer.parseInt(text.substring(slash + 1))),
                    "a network such as 192.0.2.0/24");
        }
        return prefix(text, "a network such as 2001:db8:1::/64 or 192.0.2.0/24");
    }

    private static Ip6Prefix prefix(String text, String expected) {
        try {
            return Ip6Prefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; expected " + expected, e);
        }
    }

    /** Global unicast, unique local included (RFC 4291, 2.4). What begins with 16 zero bits is special (RFC 6890). */
    static boolean isGlobal(Ip6Address a) {
        int top = (int) (a.high() >>> 48);
        boolean linkOrSiteLocal = (top & 0xff80) == 0xfe80;
        boolean multicast = top >>> 8 == 0xff;
        return top != 0 && !linkOrSiteLocal && !multicast;
    }

    static String interfaceName(String text) {
        return matching(text, INTERFACE, "the name of an interface, or \"auto\"");
    }

    /** The same of one that cannot be found by itself. */
    static String insideInterface(String text) {
        return matching(text, INTERFACE, "the name of an interface, such as \"br-lan\"");
    }

    static String tableName(String text) {
        return matching(text, "[a-zA-Z][a-zA-Z0-9_]{0,31}", "a name of 1 to 32 of a-z, A-Z, 0-9 and _");
    }

    static String groupName(String text) {
        return matching(text, "[a-zA-Z_][a-zA-Z0-9_.-]{0,31}", "the name of a group");
    }

    /** A name, IPv4 or IPv6; the last with or without brackets, and given back without. */
    static String hostName(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.contains(":");
        String bare = bracketed ? text.substring(1, text.length() - 1) : text;
        if (bare.contains(":") || bare.matches("[0-9.]+")) {
            return address(bare).toString();
        }
        return matching(
                bare, "[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?", "a host name or an address, without a port");
    }

    static Path path(String text) {
        try {
            Path p = Path.of(text);
            if (p.isAbsolute()) {
                return p;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" cannot be a path; expected one such as /run/mayfly", e);
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is not an absolute path; expected one such as /run/mayfly");
    }

    /** A path that fits sun_path of unix(7). */
    static Path socketPath(String text) {
        Path p = path(text);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET) {
            throw new IllegalArgumentException(
                    "a socket's path cannot have " + length + " bytes; expected at most " + LONGEST_SOCKET);
        }
        return p;
    }

    private static String matching(String text, String pattern, String expected) {
        if (!text.matches(pattern)) {
            throw new IllegalArgumentException("\"" + text + "\" cannot be used; expected " + expected);
        }
        return text;
    }
}
