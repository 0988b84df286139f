package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.translate.Dns64Settings;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Prefix;
import org.tomlj.Toml;

/** Writes a configuration with all its defaults. */
final class EffectiveToml {
    private static final Ip6Prefix MAPPED = Ip6Prefix.parse("::ffff:0:0/96");

    private final StringBuilder out = new StringBuilder();

    private EffectiveToml() {}

    static String of(Configuration c) {
        EffectiveToml t = new EffectiveToml();
        t.table("listen")
                .raw("udp", sockets(c.udp()))
                .raw("tcp", sockets(c.tcp()))
                .text("gate", c.gate());
        t.target("share", c.relaying().share());
        t.table("door")
                .text("interface", c.doorInterface() == null ? "auto" : c.doorInterface())
                .text("prefix", c.prefix() == null ? "auto" : c.prefix())
                .text("mode", c.mode())
                .text("reserved", c.reserved())
                .raw("limit", c.doorLimit());
        for (Service s : c.services()) {
            t.table("service." + s.name())
                    .text("protocol", s.protocol())
                    .raw("port", s.port())
                    .text("lease", Durations.format(s.lease()))
                    .text("session", Durations.format(s.session()))
                    .text("ipv4", s.ipv4());
            t.relay(s, c.relaying().services().get(s.name()));
        }
        t.table("relay").raw("limit", c.relaying().limit());
        t.translating(c.relaying().translating());
        t.table("knock").text("window", Durations.format(c.window()));
        t.table("quota")
                .raw("leases", c.quota().leases())
                .raw("rate", c.quota().rate())
                .text("full", c.quota().full());
        t.table("paths").text("clients", c.clients()).text("state", c.state()).text("socket", c.socket());
        t.table("kernel").text("table", c.table()).text("owner", c.owner());
        t.table("admin").text("group", c.adminGroup());
        t.table("host").text("name", c.host());
        return t.out.toString();
    }

    private void relay(Service s, @Nullable Relay relay) {
        if (relay == null) {
            return;
        }
        target("relay", relay.target());
        raw("relay-inside", relay.target().inside());
        if (s.protocol() == Protocol.UDP) {
            text("relay-idle", Durations.format(relay.idle()));
        }
    }

    private void target(String key, @Nullable Target target) {
        if (target != null) {
            text(key, target).text(key + "-proxy", target.proxy());
        }
    }

    private void translating(Translating t) {
        Nat64 nat64 = t.nat64();
        if (nat64 != null) {
            table("relay.nat64")
                    .text("prefix", nat64.prefix())
                    .text("interface", nat64.interfaceName())
                    .raw("inside", nat64.inside())
                    .raw("port", nat64.port());
        }
        Dns64Settings dns64 = t.dns64();
        if (dns64 != null) {
            table("relay.dns64")
                    .text("prefix", dns64.format().prefix())
                    .raw("listen", sockets(dns64.listen()))
                    .raw("upstream", sockets(dns64.upstream()))
                    .raw("exclude", networks(dns64.exclude()))
                    .raw("from", networks(dns64.from()))
                    .raw("limit", dns64.limit());
        }
    }

    private EffectiveToml table(String name) {
        out.append(out.isEmpty() ? "" : "\n").append('[').append(name).append("]\n");
        return this;
    }

    /** A key that has no value is left out: it has no default either. */
    private EffectiveToml text(String key, @Nullable Object value) {
        return value == null ? this : raw(key, quoted(value.toString()));
    }

    private EffectiveToml raw(String key, Object value) {
        out.append(key).append(" = ").append(value).append('\n');
        return this;
    }

    private static String quoted(String text) {
        return '"' + Toml.tomlEscape(text).toString() + '"';
    }

    private static String networks(List<Ip6Prefix> all) {
        return all.stream().map(p -> quoted(network(p))).collect(Collectors.joining(", ", "[", "]"));
    }

    /** What is within the mapped addresses is IPv4. */
    private static String network(Ip6Prefix p) {
        if (p.equals(MAPPED)) {
            return "::ffff:0:0/96";
        }
        return MAPPED.contains(p) ? p.address() + "/" + (p.length() - MAPPED.length()) : p.toString();
    }

    private static String sockets(List<InetSocketAddress> all) {
        return all.stream().map(a -> quoted(Sockets.text(a))).collect(Collectors.joining(", ", "[", "]"));
    }
}
