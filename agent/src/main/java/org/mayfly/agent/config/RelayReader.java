package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;

/** What leads elsewhere: {@code [listen] share}, {@code [service.NAME] relay}, and {@code [relay]} with what is in it. */
final class RelayReader {
    private static final List<String> WITH_RELAY = List.of("relay-proxy", "relay-inside", "relay-idle");

    private final Path file;
    private final Consumer<String> warnings;
    private final List<InetSocketAddress> udp;
    private final List<InetSocketAddress> tcp;

    /** A target and where it stands, to be looked at when all services are known. */
    private record Found(Section section, String key, Protocol protocol, Target target) {}

    private final List<Found> found = new ArrayList<>();
    private final Map<String, Relay> relays = new LinkedHashMap<>();
    private @Nullable Target share;

    /**
     * @param file what it is called in warnings
     * @param udp where knocks are taken, and {@code tcp} likewise
     */
    RelayReader(Path file, Consumer<String> warnings, List<InetSocketAddress> udp, List<InetSocketAddress> tcp) {
        this.file = file;
        this.warnings = warnings;
        this.udp = udp;
        this.tcp = tcp;
    }

    /** {@code [listen] share}: the backend is the host's own, so a name of it may well lead inside. */
    void share(Section listen) {
        ProxyHeader proxy = proxy(listen, "share-proxy");
        share = listen.read("share", text -> Targets.read(text, proxy, true));
        if (share != null) {
            found.add(new Found(listen, "share", Protocol.TCP, share));
            if (tcp.isEmpty()) {
                warnings.accept(listen.place(file, "share")
                        + ": [listen] share: there is no TCP listener, so nothing is shared; add tcp = [\"[::]:443\"]");
            }
        } else if (listen.has("share-proxy") && !listen.has("share")) {
            listen.complain("share-proxy", "[listen] share-proxy without share", "share = \"127.0.0.1:8443\" too");
        }
    }

    /** {@code [service.NAME] relay}. */
    void service(Section s, Protocol protocol) {
        ProxyHeader proxy = proxy(s, "relay-proxy");
        boolean inside = s.flag("relay-inside", false);
        Duration idle = s.duration("relay-idle", "5m", Duration.ofSeconds(1), Duration.ofDays(1));
        Target target = s.read("relay", text -> Targets.read(text, proxy, inside));
        for (String key : WITH_RELAY) {
            if (s.has(key) && !s.has("relay")) {
                s.complain(
                        key, "[service." + s.key() + "] " + key + " without relay", "relay = \"127.0.0.1:9418\" too");
            }
        }
        if (target == null) {
            return;
        }
        if (protocol == Protocol.UDP && proxy != ProxyHeader.NONE) {
            s.complain("relay-proxy", "a datagram cannot have a PROXY header", "relay-proxy = \"none\" with UDP");
        }
        if (protocol == Protocol.TCP && s.has("relay-idle")) {
            s.complain("relay-idle", "a TCP connection ends by itself", "relay-idle with protocol = \"udp\" only");
        }
        found.add(new Found(s, "relay", protocol, target));
        relays.put(s.key(), new Relay(target, idle));
    }

    private static ProxyHeader proxy(Section s, String key) {
        return s.choice(key, ProxyHeader.NONE, List.of(ProxyHeader.values()));
    }

    /**
     * Complains of what would lead to the agent itself, as far as the file tells.
     *
     * @param services all of them
     */
    Relaying end(Section relay, List<Service> services) {
        int limit = relay.integer("limit", 10_000, 1, 1_000_000);
        Translating translating = new TranslatingReader(file, warnings).read(relay, tcp, services);
        relay.end();
        // Which addresses are this host's is for Configuration.check to ask, which has a machine.
        Itself agent = new Itself(udp, tcp, services, relays, a -> false);
        for (Found f : found) {
            String itself = agent.what(f.protocol, f.target);
            if (!itself.isEmpty()) {
                f.section.complain(
                        f.key,
                        "[" + f.section.name() + "] " + f.key + ": " + f.target + " is " + itself,
                        "where the daemon listens");
            }
        }
        return new Relaying(share, relays, limit, translating);
    }
}
