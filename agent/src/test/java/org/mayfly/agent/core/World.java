package org.mayfly.agent.core;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** An agent with one client, a kernel in memory, and a clock of the test's own. */
final class World implements AgentListener {
    static final Ip6Address HOME = Ip6Address.parse("2001:db8:c::7");
    static final DoorSpace DOORS = new DoorSpace(Ip6Prefix.parse("2001:db8:1:2::/64"), DoorSpace.DEFAULT_RESERVED);
    static final Duration LEASE = Duration.ofSeconds(30);

    /** When it is seen that the window is over. */
    static final Duration OVER = LEASE.plusNanos(Lease.EDGE);

    static final Duration SESSION = Duration.ofMinutes(10);

    final FakeClock clock = new FakeClock();
    final InMemoryKernel kernel = new InMemoryKernel(clock);
    final ServerIdentity server = ServerIdentity.create();
    final ClientKeyset keyset;
    final List<KnockSender> keys;
    final List<String> log = new ArrayList<>();
    final Random random;
    final MemoryLeases leases = new MemoryLeases();
    Marks marks;
    Agent agent;
    private boolean quiet;

    /** Done when it hears of a lease that was opened. */
    Runnable listening = () -> {};

    World() throws GeneralSecurityException, KernelException {
        this(DoorMode.ADDRESS, new MemoryMarks(true), 1);
    }

    World(DoorMode mode, Marks marks, long seed) throws GeneralSecurityException, KernelException {
        this.keyset = ClientKeyset.create(server);
        this.keys = keyset.keys();
        this.random = new Random(seed);
        this.marks = marks;
        this.agent = start(settings(mode, new Quota(64, 1000, Quota.Full.REFUSE), 1000));
        agent.clients(List.of(client("laptop", keys, List.of("ssh", "git", "both"))));
    }

    /** A new agent on the same kernel, as after a restart. */
    Agent start(Settings settings) throws GeneralSecurityException, KernelException {
        KnockSender decoy = ClientKeyset.create(server).keys().get(0);
        Agent started = new Agent(settings, kernel, server.gate(), marks, leases, clock, decoy, random, this);
        started.apply(settings);
        return started;
    }

    /** The agent is killed, and another one started: it knows what was written down. */
    void restart(Client... clients) throws GeneralSecurityException, KernelException {
        restart(agent.settings(), clients);
    }

    void restart(Settings settings, Client... clients) throws GeneralSecurityException, KernelException {
        KnockSender decoy = ClientKeyset.create(server).keys().get(0);
        agent = new Agent(settings, kernel, server.gate(), marks, leases, clock, decoy, random, this);
        agent.clients(List.of(clients));
        agent.adopt();
        agent.apply(settings);
        agent.tick();
        kernel.takeReady().forEach(agent::ready);
    }

    /** What the knock's door may be, in order. */
    List<Ip6Address> candidates(byte[] packet) {
        return DOORS.candidates(keys.get(0), packet, 0);
    }

    static Settings settings(DoorMode mode, Quota quota, int doorLimit) {
        Map<String, Service> services = Map.of(
                "ssh", service("ssh", 22, Ipv4Access.CLOSED),
                "git", service("git", 9418, Ipv4Access.CLOSED),
                "both", service("both", 443, Ipv4Access.PERMIT),
                "other", service("other", 8080, Ipv4Access.CLOSED));
        List<GatedPort> gated = services.values().stream()
                .map(s -> new GatedPort(s.protocol(), s.port(), s.ipv4()))
                .toList();
        return new Settings(
                new Guard(List.of(new DoorPrefix(mode, DOORS, "eth0")), gated),
                services,
                Duration.ofSeconds(30),
                quota,
                doorLimit);
    }

    private static Service service(String name, int port, Ipv4Access ipv4) {
        return new Service(name, Protocol.TCP, port, LEASE, SESSION, ipv4);
    }

    static Client client(String name, List<KnockSender> keys, List<String> services) {
        return new Client(name, services, SourcePolicy.EXACT, true, null, keys);
    }

    KnockRequest request(String service) {
        return new KnockRequest(0, clock.wallNanos(), Ip6Address.UNSPECIFIED, service);
    }

    byte[] packet(KnockRequest request) {
        return keys.get(0).write(KnockSender.randomNonce(), request);
    }

    /** A knock of now; the clock moves on by a microsecond, so that the next one is later. */
    Verdict knock(String service) {
        byte[] packet = packet(request(service));
        clock.pass(Duration.ofNanos(1000));
        return send(packet, HOME);
    }

    Verdict send(byte[] packet, Ip6Address from) {
        Verdict verdict = agent.knock(packet, 0, packet.length, from.high(), from.low());
        kernel.takeReady().forEach(agent::ready);
        return verdict;
    }

    /** What is refused is not in the log from now on. */
    void quiet() {
        quiet = true;
    }

    Lease onlyLease() {
        if (agent.leases().size() != 1) {
            throw new AssertionError("not one lease but " + agent.leases().size());
        }
        return agent.leases().iterator().next();
    }

    @Override
    public void opened(Lease lease) {
        listening.run();
        log.add("opened");
    }

    @Override
    public void changed(Lease lease) {}

    @Override
    public void ended(Lease lease, Lease.End why) {
        log.add("ended: " + why);
    }

    @Override
    public void refused(Verdict verdict, String client) {
        if (!quiet) {
            log.add("refused: " + client + " " + verdict);
        }
    }

    @Override
    public void warning(String message) {
        log.add("warning: " + message);
    }
}
