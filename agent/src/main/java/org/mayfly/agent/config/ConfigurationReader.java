package org.mayfly.agent.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/** From TOML to {@link Configuration}. Says all that is wrong at once. */
final class ConfigurationReader {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration YEAR = Duration.ofDays(365);

    private final Complaints complaints;
    private final List<String> warnings = new ArrayList<>();

    private ConfigurationReader(Path file) {
        this.complaints = new Complaints(file);
    }

    static Configuration read(Path file) throws ConfigurationException {
        TomlParseResult toml = parse(file);
        ConfigurationReader reader = new ConfigurationReader(file);
        if (toml.hasErrors()) {
            toml.errors().forEach(e -> reader.complaints.add(e.position(), String.valueOf(e.getMessage()), ""));
            throw new ConfigurationException(reader.complaints.lines());
        }
        Configuration configuration = reader.read(Section.root(toml, reader.complaints));
        if (reader.complaints.any()) {
            throw new ConfigurationException(reader.complaints.lines());
        }
        return configuration;
    }

    private static TomlParseResult parse(Path file) throws ConfigurationException {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new ConfigurationException(
                        List.of(file + ": others than its owner can write it; run: chmod go-w " + file));
            }
            return Toml.parse(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(List.of(file + ": no such file; name one with --config"));
        } catch (IOException e) {
            throw new ConfigurationException(List.of(file + ": cannot be read: " + e));
        }
    }

    private Configuration read(Section root) {
        Section listen = root.section("listen");
        List<InetSocketAddress> udp =
                listen.list("udp", List.of(socket("[::]:62201"), socket("0.0.0.0:62201")), ConfigurationReader::socket);
        List<InetSocketAddress> tcp = listen.list("tcp", List.of(), ConfigurationReader::socket);
        if (udp.isEmpty() && tcp.isEmpty()) {
            listen.complain("udp", "there is no listener", "an address such as \"[::]:62201\" in udp or tcp");
        }
        listen.end();

        Section door = root.section("door");
        String doorInterface = unlessAuto(door, "interface", ConfigurationReader::interfaceName);
        Ip6Prefix prefix = unlessAuto(door, "prefix", ConfigurationReader::prefix);
        ModeChoice mode = door.choice("mode", ModeChoice.AUTO, List.of(ModeChoice.values()));
        Ip6Prefix reserved = door.read("reserved", DoorSpace.DEFAULT_RESERVED, Ip6Prefix::parse);
        checkReserved(door, prefix, reserved);
        int doorLimit = door.integer("limit", 1000, 1, 10_000_000);
        door.end();

        List<Service> services = services(root.section("service"), udp, tcp);

        Section knock = root.section("knock");
        Duration window = knock.duration("window", "30s", SECOND, Duration.ofHours(1));
        knock.end();
        Section limits = root.section("quota");
        Quota quota = new Quota(limits.integer("leases", 64, 1, 10_000_000), limits.integer("rate", 10, 1, 1_000_000));
        limits.end();
        Section paths = root.section("paths");
        Path clients = paths.read("clients", Path.of("/etc/mayfly/clients"), ConfigurationReader::path);
        Path state = paths.read("state", Path.of("/var/lib/mayfly"), ConfigurationReader::path);
        Path socket = paths.read("socket", Path.of("/run/mayfly/control.sock"), ConfigurationReader::path);
        paths.end();
        Section kernel = root.section("kernel");
        String table = kernel.read("table", "mayfly", ConfigurationReader::tableName);
        kernel.end();
        Section admin = root.section("admin");
        String group = admin.read("group", ConfigurationReader::groupName);
        admin.end();
        Section host = root.section("host");
        String hostName = host.read("name", ConfigurationReader::hostName);
        host.end();
        root.end();
        return new Configuration(
                udp,
                tcp,
                doorInterface,
                prefix,
                mode,
                reserved,
                doorLimit,
                services,
                window,
                quota,
                clients,
                state,
                socket,
                table,
                group,
                hostName,
                List.copyOf(warnings));
    }

    private List<Service> services(Section all, List<InetSocketAddress> udp, List<InetSocketAddress> tcp) {
        List<Service> services = new ArrayList<>();
        Map<String, String> ports = new HashMap<>();
        for (Section s : all.sections()) {
            Service service = service(s);
            String port = service.port() + "/" + service.protocol();
            String other = ports.putIfAbsent(port, service.name());
            List<InetSocketAddress> listeners = service.protocol() == Protocol.UDP ? udp : tcp;
            if (service.port() == 0) {
                ports.remove(port);
            } else if (other != null) {
                s.complain(
                        "port", "port " + port + " is that of service \"" + other + "\" too", "one service for a port");
            } else if (listeners.stream().anyMatch(l -> l.getPort() == service.port())) {
                s.complain("port", "port " + port + " is where knocks are taken", "another port, here or in [listen]");
            }
            services.add(service);
        }
        if (services.isEmpty()) {
            warnings.add("there is no service; nothing is gated. Add one, such as: [service.ssh] port = 22");
        }
        return List.copyOf(services);
    }

    private static Service service(Section s) {
        if (!KnockRequest.isServiceName(s.key())) {
            s.complain("", "\"" + s.key() + "\" cannot be the name of a service", "1 to 16 of a-z, 0-9 and -");
        }
        Protocol protocol = s.choice("protocol", Protocol.TCP, List.of(Protocol.values()));
        int port = s.integer("port", 0, 1, 65535);
        if (!s.has("port")) {
            s.complain("port", "[service." + s.key() + "] has no port", "port = 1 to 65535");
        }
        Duration lease = s.duration("lease", "30s", SECOND, YEAR);
        Duration session = s.duration("session", "12h", Duration.ZERO, YEAR);
        Ipv4Access ipv4 = s.choice("ipv4", Ipv4Access.CLOSED, List.of(Ipv4Access.values()));
        s.end();
        return new Service(s.key(), protocol, port, lease, session, ipv4);
    }

    private static void checkReserved(Section door, @Nullable Ip6Prefix prefix, Ip6Prefix reserved) {
        Ip6Prefix any = prefix == null ? Ip6Prefix.parse("2001:db8::/64") : prefix;
        try {
            new DoorSpace(any, reserved);
        } catch (IllegalArgumentException e) {
            door.complain("reserved", "[door] reserved: " + e.getMessage(), "");
        }
    }

    private static <T> @Nullable T unlessAuto(Section section, String key, Function<String, T> reader) {
        return "auto".equals(section.optional(key)) ? null : section.read(key, reader);
    }

    private static Ip6Prefix prefix(String text) {
        Ip6Prefix p = Ip6Prefix.parse(text);
        if (p.length() < 64 || p.length() > 96) {
            throw new IllegalArgumentException(p + " leaves " + (128 - p.length())
                    + " bits for doors; expected a prefix length of 64 to 96, which leaves 64 to 32");
        }
        return p;
    }

    /** {@code [address]:port} or {@code address:port}; always a literal. */
    private static InetSocketAddress socket(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String port = text.substring(colon + 1);
        if (host.isEmpty() || bracketed != host.contains(":") || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("\"" + text + "\" is not an address and port such as \"[::]:62201\"");
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("\"" + text + "\": the port is " + number + "; expected 1 to 65535");
        }
        Ip6Address address = Ip6Address.parse(bracketed ? host.substring(1, host.length() - 1) : host);
        return new InetSocketAddress(address.toInetAddress(), number);
    }

    private static String interfaceName(String text) {
        return matching(text, "[^/\\s]{1,15}", "the name of an interface");
    }

    private static String tableName(String text) {
        return matching(text, "[a-zA-Z][a-zA-Z0-9_]{0,31}", "a name of 1 to 32 of a-z, A-Z, 0-9 and _");
    }

    private static String groupName(String text) {
        return matching(text, "[a-zA-Z_][a-zA-Z0-9_.-]{0,31}", "the name of a group");
    }

    private static String hostName(String text) {
        return matching(
                text, "[0-9a-fA-F:.]+|[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?", "a host name or an address");
    }

    private static Path path(String text) {
        Path p = Path.of(text);
        if (!p.isAbsolute()) {
            throw new IllegalArgumentException("\"" + text + "\" is not an absolute path");
        }
        return p;
    }

    private static String matching(String text, String pattern, String expected) {
        if (!text.matches(pattern)) {
            throw new IllegalArgumentException("\"" + text + "\" is not " + expected);
        }
        return text;
    }
}
