package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.translate.Dns64Settings;
import org.mayfly.agent.translate.Rfc6052;
import org.mayfly.knock.Ip6Prefix;

/** Reads {@code [relay.nat64]} and {@code [relay.dns64]}. */
final class TranslatingReader {
    private static final int PORT = 6464;
    private static final List<InetSocketAddress> LISTEN = List.of(Values.socket("[::1]:53"));

    private final Path file;
    private final Consumer<String> warnings;

    /** @param file what it is called in warnings */
    TranslatingReader(Path file, Consumer<String> warnings) {
        this.file = file;
        this.warnings = warnings;
    }

    /**
     * @param tcp where knocks are taken
     * @param services all of them
     */
    Translating read(Section relay, List<InetSocketAddress> tcp, List<Service> services) {
        Section s = relay.section("nat64");
        Nat64 nat64 = nat64(s, tcp, services);
        boolean inside = nat64 != null && nat64.inside();
        if (nat64 != null && inside && new Rfc6052(nat64.prefix()).isWellKnown()) {
            s.complain(
                    "inside",
                    "[relay.nat64] inside: private addresses must not stand in " + nat64.prefix() + " (RFC 6052, 3.1)",
                    "false, or another prefix such as 64:ff9b:1::/96");
        }
        s.end();
        Section d = relay.section("dns64");
        Dns64Settings dns64 = dns64(d, nat64, inside);
        d.end();
        return new Translating(nat64, dns64, new Places(Map.of("prefix", s.place(file, "prefix"))));
    }

    private static @Nullable Nat64 nat64(Section s, List<InetSocketAddress> tcp, List<Service> services) {
        Ip6Prefix prefix = s.read("prefix", Values::translationPrefix);
        String interfaceName = s.read("interface", Values::insideInterface);
        int port = s.integer("port", PORT, 1, 65535);
        boolean inside = s.flag("inside", false);
        if (!s.isThere()) {
            return null;
        }
        required(s, "prefix", "a /96 that is routed here, such as prefix = \"64:ff9b:1::/96\"");
        required(s, "interface", "where those come from who may use it, such as interface = \"br-lan\"");
        if (tcp.stream().anyMatch(l -> l.getPort() == port)) {
            s.complain("port", "[relay.nat64] port: " + port + " is where knocks are taken", "another port");
        }
        for (Service other : services) {
            if (other.protocol() == Protocol.TCP && other.port() == port) {
                s.complain(
                        "port",
                        "[relay.nat64] port: " + port + " is that of service \"" + other.name() + "\"",
                        "another port");
            }
        }
        return prefix == null || interfaceName == null ? null : new Nat64(prefix, interfaceName, inside, port);
    }

    private @Nullable Dns64Settings dns64(Section s, @Nullable Nat64 nat64, boolean inside) {
        Ip6Prefix usual = nat64 == null ? Rfc6052.WELL_KNOWN : nat64.prefix();
        Rfc6052 format = s.read("prefix", new Rfc6052(usual), Values::format);
        List<InetSocketAddress> listen = s.list("listen", LISTEN, Values::socket);
        List<InetSocketAddress> upstream = s.list("upstream", List.of(), Values::socket);
        List<Ip6Prefix> exclude = s.list("exclude", Dns64Settings.EXCLUDED, Values::network);
        List<Ip6Prefix> from = s.list("from", List.of(), Values::network);
        int limit = s.integer("limit", Dns64Settings.LIMIT, 1, 100_000);
        if (!s.isThere()) {
            return null;
        }
        required(s, "upstream", "the resolvers to ask, such as upstream = [\"192.0.2.53:53\"]");
        if (upstream.isEmpty()) {
            return null; // complained of
        }
        if (from.isEmpty() && !listen.stream().allMatch(l -> l.getAddress().isLoopbackAddress())) {
            warnings.accept(s.place(file, "from")
                    + ": [relay.dns64] from: nobody but this host may ask; name the networks of those inside");
        }
        try {
            return new Dns64Settings(format, inside, listen, upstream, exclude, from, limit);
        } catch (IllegalArgumentException e) {
            s.complain("listen", "[relay.dns64] listen: " + e.getMessage(), "");
            return null;
        }
    }

    private static void required(Section s, String key, String expected) {
        if (!s.has(key) || s.isEmptyList(key)) {
            s.complain(key, "[" + s.name() + "] has no " + key, expected);
        }
    }
}
