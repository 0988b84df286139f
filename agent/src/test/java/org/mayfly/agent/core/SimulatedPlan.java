package org.mayfly.agent.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;

/**
 * What the agent of a {@link Simulation} is configured with.
 *
 * @param prefix which of {@link #SPACES} doors are taken from
 * @param port of the service {@code ssh}
 * @param ipv4 what becomes of the service {@code both} on IPv4
 * @param cuts whether sessions of the service {@code both} end with their window; those of {@code git} always do
 * @param replacing whether a client's oldest idle lease makes room for a new one
 */
record SimulatedPlan(int prefix, DoorMode mode, int port, Ipv4Access ipv4, boolean cuts, boolean replacing) {
    static final SimulatedPlan FIRST = new SimulatedPlan(0, DoorMode.ADDRESS, 22, Ipv4Access.PERMIT, false, false);
    static final List<String> SERVICES = List.of("ssh", "git", "both");
    static final int LEASES = 4;
    static final int DOORS = 8;
    static final Duration LEASE = Duration.ofSeconds(30);

    /** The last is of another length, and lies in the first. */
    private static final List<DoorSpace> SPACES = Stream.of(
                    "2001:db8:1:2::/64", "2001:db8:1:3::/64", "2001:db8:9::/64", "2001:db8:1:2:8000::/80")
            .map(p -> new DoorSpace(Ip6Prefix.parse(p), DoorSpace.DEFAULT_RESERVED))
            .toList();

    static final int PREFIXES = SPACES.size();
    private static final Duration SESSION = Duration.ofMinutes(10);
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final int RATE = 3;

    Settings settings() {
        Map<String, Service> services = Stream.of(
                        service("ssh", port, SESSION, Ipv4Access.CLOSED),
                        service("git", 9418, Duration.ZERO, Ipv4Access.CLOSED),
                        service("both", 443, cuts ? Duration.ZERO : SESSION, ipv4))
                .collect(Collectors.toMap(Service::name, s -> s));
        List<GatedPort> gated = services.values().stream()
                .map(s -> new GatedPort(s.protocol(), s.port(), s.ipv4()))
                .toList();
        Quota quota = new Quota(LEASES, RATE, replacing ? Quota.Full.REPLACE : Quota.Full.REFUSE);
        DoorPrefix doors = new DoorPrefix(mode, SPACES.get(prefix), "eth0");
        return new Settings(new Guard(List.of(doors), gated), services, WINDOW, quota, DOORS);
    }

    private static Service service(String name, int port, Duration session, Ipv4Access ipv4) {
        return new Service(name, Protocol.TCP, port, LEASE, session, ipv4);
    }

    /** Doors in another prefix. */
    SimulatedPlan renumbered(int to, boolean otherMode) {
        return new SimulatedPlan(
                Math.floorMod(to, SPACES.size()), otherMode ? other(mode) : mode, port, ipv4, cuts, replacing);
    }

    /** One thing of the others is not as it was. */
    SimulatedPlan changed(int what) {
        return switch (Math.floorMod(what, ipv4 == Ipv4Access.PERMIT ? 10 : 3)) {
            case 0 -> new SimulatedPlan(prefix, other(mode), port, ipv4, cuts, replacing);
            case 1, 5 -> new SimulatedPlan(prefix, mode, port == 22 ? 2222 : 22, ipv4, cuts, replacing);
            case 2 -> new SimulatedPlan(prefix, mode, port, other(ipv4), cuts, replacing);
            case 3, 6 -> new SimulatedPlan(prefix, mode, port, ipv4, !cuts, replacing);
            default -> new SimulatedPlan(prefix, mode, port, ipv4, cuts, !replacing);
        };
    }

    private static DoorMode other(DoorMode mode) {
        return mode == DoorMode.ADDRESS ? DoorMode.ANYIP : DoorMode.ADDRESS;
    }

    private static Ipv4Access other(Ipv4Access access) {
        return access == Ipv4Access.PERMIT ? Ipv4Access.CLOSED : Ipv4Access.PERMIT;
    }
}
