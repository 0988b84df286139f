package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.relay.Target;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/**
 * The configuration file, typed, with every default filled in.
 *
 * @param udp where knocks are taken by UDP
 * @param tcp where knocks are taken by TCP
 * @param gate how far towards the wire junk is refused
 * @param doorInterface null for the one that the prefix, or the default route, leads to
 * @param prefix null for the interface's own
 * @param reserved the range left alone, relative to the prefix
 * @param services in the order of the file
 * @param relaying what becomes of connections that are to go elsewhere
 * @param window how far a knock's time stamp may be from the clock, either way
 * @param quota for clients that have none of their own
 * @param table the name of the nftables table
 * @param owner who may change it
 * @param adminGroup who may read the admin socket besides the agent's own group; null for nobody
 * @param host what clients knock at; null for the interface's address
 * @param warnings what is not wrong and still strange, one line each
 * @param places where some of it is in the file
 */
public record Configuration(
        List<InetSocketAddress> udp,
        List<InetSocketAddress> tcp,
        GateChoice gate,
        @Nullable String doorInterface,
        @Nullable Ip6Prefix prefix,
        ModeChoice mode,
        Ip6Prefix reserved,
        int doorLimit,
        List<Service> services,
        Relaying relaying,
        Duration window,
        Quota quota,
        Path clients,
        Path state,
        Path socket,
        String table,
        TableOwner owner,
        @Nullable String adminGroup,
        @Nullable String host,
        List<String> warnings,
        Places places) {
    public Configuration {
        udp = List.copyOf(udp);
        tcp = List.copyOf(tcp);
        services = List.copyOf(services);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigurationException with all that is wrong with it
     */
    public static Configuration read(Path file) throws ConfigurationException {
        return ConfigurationReader.read(file);
    }

    /** The core's settings, once it is known where doors go. */
    public Settings settings(DoorChoice door) {
        Map<String, Service> byName = services.stream().collect(Collectors.toMap(Service::name, Function.identity()));
        DoorPrefix prefix = new DoorPrefix(door.mode(), door.doors(), door.interfaceName());
        return new Settings(
                new Guard(
                        List.of(prefix),
                        gated(),
                        knocks(),
                        relaying.translating().nat64()),
                byName,
                window,
                quota,
                doorLimit);
    }

    /**
     * Holds it against a machine, on which doors go somewhere.
     *
     * @param own whether packets to an address arrive at this machine
     * @throws ConfigurationException with all that cannot be there
     */
    public void check(Machine machine, DoorChoice door, Predicate<Ip6Address> own) throws ConfigurationException {
        relaying.translating().check(machine, door);
        Predicate<Ip6Address> ours = own.or(
                a -> door.mode() == DoorMode.ANYIP && door.doors().prefix().contains(a));
        Itself agent = new Itself(udp, tcp, services, relaying.services(), ours);
        List<String> errors = new ArrayList<>();
        Target share = relaying.share();
        if (share != null) {
            complain(errors, "[listen] share", share, agent.what(Protocol.TCP, share));
        }
        for (Service s : services) {
            Relay relay = relaying.services().get(s.name());
            if (relay != null) {
                Target to = relay.target();
                complain(errors, "[service." + s.name() + "] relay", to, agent.what(s.protocol(), to));
            }
        }
        if (!errors.isEmpty()) {
            throw new ConfigurationException(errors);
        }
    }

    private static void complain(List<String> errors, String key, Target target, String itself) {
        if (!itself.isEmpty()) {
            errors.add(key + ": " + target + " is this host's, and " + itself + "; expected where the daemon listens");
        }
    }

    /**
     * What closes the gated ports while it is not known where doors go. Without translation: its rules need more of the
     * kernel (nft_tproxy), and a batch that is refused for those would leave the ports open; and its prefix has not been
     * held against the machine yet.
     */
    public Guard guardWithoutDoors() {
        return new Guard(List.of(), gated(), knocks());
    }

    private List<KnockPort> knocks() {
        return KnockPort.heard(udp.stream()
                .map(a -> new KnockPort(Ip6Address.of(a.getAddress()), a.getPort()))
                .toList());
    }

    private List<GatedPort> gated() {
        return services.stream()
                .map(s -> new GatedPort(s.protocol(), s.port(), s.ipv4()))
                .toList();
    }

    /** Everything that is in force, as TOML that reads back as the same. */
    public String effective() {
        return EffectiveToml.of(this);
    }
}
