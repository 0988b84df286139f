package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.tomlj.TomlParseResult;

/** From TOML to {@link Configuration}. Says all that is wrong at once. */
final class ConfigurationReader {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final List<InetSocketAddress> ANY =
            List.of(Values.socket("[::]:62201"), Values.socket("0.0.0.0:62201"));

    /** Above this each further address costs milliseconds, since the kernel walks them all. */
    private static final int MANY_ADDRESSES = 5000;

    private final Path file;
    private final Complaints complaints;
    private final List<String> warnings = new ArrayList<>();

    private ConfigurationReader(Path file, String text) {
        this.file = file;
        this.complaints = new Complaints(file, text);
    }

    static Configuration read(Path file) throws ConfigurationException {
        return read(file, SourceFile.read(file));
    }

    /** @param file what it is called in complaints */
    static Configuration read(Path file, String text) throws ConfigurationException {
        ConfigurationReader reader = new ConfigurationReader(file, text);
        Configuration configuration = reader.read(Section.root(reader.parse(text), reader.complaints));
        reader.throwComplaints();
        return configuration;
    }

    /** Where the syntax is wrong it is all that is complained of: what else was understood is a guess. */
    private TomlParseResult parse(String text) throws ConfigurationException {
        TomlParseResult toml = TomlText.parse(text);
        if (toml == null) {
            complaints.add(TomlText.firstBad(text), "it is nested too deeply, or has a wrong escape", "TOML");
            throw new ConfigurationException(complaints.lines());
        }
        toml.errors().forEach(e -> complaints.add(e.position(), "it is not TOML: " + e.getMessage(), ""));
        throwComplaints();
        return toml;
    }

    private void throwComplaints() throws ConfigurationException {
        if (complaints.any()) {
            throw new ConfigurationException(complaints.lines());
        }
    }

    private Configuration read(Section root) {
        Listen listen = listen(root.section("listen"));
        Door door = door(root.section("door"));
        List<Service> services = services(root.section("service"), listen);
        Relaying relaying = listen.relays.end(root.section("relay"), services);
        Duration window = root.only("knock", s -> s.duration("window", "30s", SECOND, Duration.ofHours(1)));
        Quota quota = root.only(
                "quota",
                s -> new Quota(
                        s.integer("leases", 64, 1, 1_000_000),
                        s.integer("rate", 10, 1, 1_000_000),
                        s.choice("full", Quota.Full.REPLACE, List.of(Quota.Full.values()))));
        Paths paths = paths(root.section("paths"));
        Section kernel = root.section("kernel");
        String table = kernel.read("table", "mayfly", Values::tableName);
        TableOwner owner = kernel.choice("owner", TableOwner.AUTO, List.of(TableOwner.values()));
        kernel.end();
        Section admin = root.section("admin");
        String group = admin.read("group", Values::groupName);
        admin.end();
        Section host = root.section("host");
        String hostName = host.read("name", Values::hostName);
        host.end();
        root.end();
        return new Configuration(
                listen.udp,
                listen.tcp,
                listen.gate,
                door.interfaceName,
                door.prefix,
                door.mode,
                door.reserved,
                door.limit,
                services,
                relaying,
                window,
                quota,
                paths.clients,
                paths.state,
                paths.socket,
                table,
                owner,
                group,
                hostName,
                warnings,
                door.places);
    }

    private record Listen(
            List<InetSocketAddress> udp, List<InetSocketAddress> tcp, GateChoice gate, RelayReader relays) {}

    private Listen listen(Section s) {
        List<InetSocketAddress> udp = s.list("udp", ANY, Values::socket);
        List<InetSocketAddress> tcp = s.list("tcp", List.of(), Values::socket);
        if (s.isEmptyList("udp") && tcp.isEmpty()) {
            s.complain("udp", "there is no listener", "an address such as \"[::]:62201\" in udp or tcp");
        }
        GateChoice gate = s.choice("gate", GateChoice.AUTO, List.of(GateChoice.values()));
        RelayReader relays = new RelayReader(file, warnings::add, udp, tcp);
        relays.share(s);
        s.end();
        return new Listen(udp, tcp, gate, relays);
    }

    private record Door(
            @Nullable String interfaceName,
            @Nullable Ip6Prefix prefix,
            ModeChoice mode,
            Ip6Prefix reserved,
            int limit,
            Places places) {}

    private Door door(Section s) {
        String interfaceName = unlessAuto(s, "interface", Values::interfaceName);
        Ip6Prefix prefix = unlessAuto(s, "prefix", Values::doorPrefix);
        ModeChoice mode = s.choice("mode", ModeChoice.AUTO, List.of(ModeChoice.values()));
        Ip6Prefix reserved = s.read("reserved", DoorSpace.DEFAULT_RESERVED, Values::range);
        checkReserved(s, prefix, reserved);
        int limit = s.integer("limit", 1000, 1, 1_000_000);
        s.end();
        if (mode == ModeChoice.ADDRESS && limit > MANY_ADDRESSES) {
            warnings.add(s.place(file, "limit") + ": [door] limit: " + limit + " addresses would make the kernel slow;"
                    + " take at most " + MANY_ADDRESSES + ", or a prefix that is routed here and mode \"anyip\"");
        }
        Map<String, String> places = new HashMap<>();
        for (String key : List.of("interface", "prefix", "mode", "reserved")) {
            places.put(key, s.place(file, key));
        }
        return new Door(interfaceName, prefix, mode, reserved, limit, new Places(places));
    }

    private record Paths(Path clients, Path state, Path socket) {}

    private static Paths paths(Section s) {
        Path clients = s.read("clients", Path.of("/etc/mayfly/clients"), Values::path);
        Path state = s.read("state", Path.of("/var/lib/mayfly"), Values::path);
        Path socket = s.read("socket", Path.of("/run/mayfly/control.sock"), Values::socketPath);
        s.end();
        return new Paths(clients, state, socket);
    }

    private List<Service> services(Section all, Listen listen) {
        List<Service> services = new ArrayList<>();
        Map<String, String> ports = new HashMap<>();
        for (Section s : all.sections()) {
            Service service = service(s, listen.relays);
            services.add(service);
            if (service.port() == 0) {
                continue; // complained of already
            }
            String port = service.port() + "/" + service.protocol();
            String other = ports.putIfAbsent(port, service.name());
            List<InetSocketAddress> listeners = service.protocol() == Protocol.UDP ? listen.udp : listen.tcp;
            if (other != null) {
                s.complain(
                        "port", "port " + port + " is that of service \"" + other + "\" too", "one service for a port");
            } else if (listeners.stream().anyMatch(l -> l.getPort() == service.port())) {
                s.complain("port", "port " + port + " is where knocks are taken", "another port, here or in [listen]");
            }
        }
        if (services.isEmpty()) {
            warnings.add(Complaints.printable(file.toString())
                    + ": there is no service, so nothing is gated; add one, such as [service.ssh] with port = 22");
        }
        return List.copyOf(services);
    }

    private static Service service(Section s, RelayReader relays) {
        if (!KnockRequest.isServiceName(s.key())) {
            s.complain("", "\"" + s.key() + "\" cannot be the name of a service", "1 to 16 of a-z, 0-9 and -");
        }
        Protocol protocol = s.choice("protocol", Protocol.TCP, List.of(Protocol.values()));
        int port = s.integer("port", 0, 1, 65535);
        if (!s.has("port")) {
            s.complain("port", "[service." + s.key() + "] has no port", "port = 1 to 65535");
        }
        Duration lease = s.duration("lease", "30s", SECOND, YEAR);
        Duration session =
                "cut".equals(s.optional("session")) ? Duration.ZERO : s.duration("session", "12h", Duration.ZERO, YEAR);
        Ipv4Access ipv4 = s.choice("ipv4", Ipv4Access.CLOSED, List.of(Ipv4Access.values()));
        relays.service(s, protocol);
        s.end();
        return new Service(s.key(), protocol, port, lease, session, ipv4);
    }

    /** A prefix that is not known yet has at least 64 bits. */
    private static void checkReserved(Section door, @Nullable Ip6Prefix prefix, Ip6Prefix reserved) {
        Ip6Prefix any = prefix == null ? Ip6Prefix.parse("2001:db8::/64") : prefix;
        try {
            new DoorSpace(any, reserved);
        } catch (IllegalArgumentException e) {
            door.complain("reserved", "[door] reserved: " + e.getMessage(), "a range such as ::/124");
        }
    }

    private static <T> @Nullable T unlessAuto(Section section, String key, Function<String, T> reader) {
        return "auto".equals(section.optional(key)) ? null : section.read(key, reader);
    }
}
