package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;

/**
 * The agent: packets, the clock and an administrator's wishes in, calls to the kernel out. One thread calls it, and the
 * same calls in the same order do the same.
 */
public final class Agent {
    /** What an administrator may ask for. A set element without a timeout would stay for ever. */
    private static final Duration LEAST = Duration.ofSeconds(1);

    private static final Duration MOST = Duration.ofDays(365);

    private final KernelPort kernel;
    private final Clock clock;
    private final RandomGenerator random;
    private final AgentListener listener;
    private final KnockCheck check;
    private final Leases leases;
    private final VerdictCounts verdicts = new VerdictCounts();
    private final Clients clients;
    private final Repairs repairs;
    private Set<Ip6Address> own = Set.of();
    private Settings settings;

    /**
     * @param settings what to go by; nothing happens in the kernel before {@link #apply}
     * @param decoy a key of nobody, against which unknown ids are checked
     */
    public Agent(
            Settings settings,
            KernelPort kernel,
            GateKey gate,
            Marks marks,
            LeaseStore store,
            Clock clock,
            KnockKey decoy,
            RandomGenerator random,
            AgentListener listener) {
        this.settings = settings;
        this.kernel = kernel;
        this.clock = clock;
        this.random = random;
        this.listener = listener;
        this.check = new KnockCheck(gate, marks, clock, decoy, settings.window().toNanos(), random.nextLong());
        this.leases = new Leases(kernel, store, random, listener);
        this.clients = new Clients(leases, marks, clock);
        this.repairs = new Repairs(this::restore, clock, listener);
    }

    /**
     * Goes by other settings from now on. Live leases stay, but for those of clients that are gone.
     *
     * @throws KernelException if the guard could not be put up; nothing has changed then
     */
    public void apply(Settings next) throws KernelException {
        Set<Ip6Address> addresses = Set.copyOf(kernel.ownAddresses());
        kernel.install(next.guard(), leases.standing(clock.monotonicNanos()));
        leases.orphans().cut(clock.monotonicNanos());
        settings = next;
        own = addresses;
        clients(clients.all());
    }

    private void restore() throws KernelException {
        kernel.restore(leases.standing(clock.monotonicNanos()));
        own = Set.copyOf(kernel.ownAddresses());
    }

    /**
     * Goes on with the leases from before a restart, by the slots where they are written down. Call it once the clients
     * are there and before {@link #apply}, which puts into the kernel what is gone on with, and takes out what is not:
     * leases of a client or a service that is no more, and those whose times make no sense.
     *
     * @return how many go on
     */
    public int adopt(Map<Integer, LeaseRecord> found) {
        int adopted = 0;
        for (Map.Entry<Integer, LeaseRecord> e : found.entrySet()) {
            adopted += adopt(e.getKey(), e.getValue(), clock.monotonicNanos()) ? 1 : 0;
        }
        return adopted;
    }

    private boolean adopt(int slot, LeaseRecord r, long now) {
        boolean sane = r.opened() <= now && r.windowEnd() - now <= MOST.toNanos();
        if (r.cut()) {
            leases.adoptCut(r.permit(), sane ? r.windowEnd() : now, slot);
            return false;
        }
        ClientState client = clients.find(r.client());
        Service service = settings.services().get(r.service());
        if (sane && client != null && service != null && leases.adopt(Lease.of(r, slot, service), client)) {
            return true;
        }
        leases.orphans().add(r.permit(), slot, now);
        return false;
    }

    /**
     * Replaces the clients. Leases of those who are gone are to be revoked by the caller, who hears of what goes wrong; what
     * is left of them is revoked in time.
     */
    public void clients(Collection<Client> all) {
        check.keys(clients.replace(all, settings.quota()), settings.window().toNanos());
    }

    /** Whether a lease needs the address. */
    public boolean isDoor(Ip6Address address) {
        return leases.isDoor(address);
    }

    /** Somebody did something to what is ours in the kernel. It is put back by the next {@link #tick}s. */
    public void disturbed(Disturbance what) {
        repairs.disturbed(what);
    }

    /** How often that was. */
    public Map<Disturbance, Long> disturbances() {
        return repairs.counts();
    }

    /**
     * A packet came in. Nothing goes back, whatever becomes of it.
     *
     * @param sourceHigh first half of the address it came from; IPv4 in mapped form
     */
    public Verdict knock(byte[] packet, int offset, int length, long sourceHigh, long sourceLow) {
        Verdict verdict = check.check(packet, offset, length);
        if (verdict == Verdict.ACCEPTED) {
            verdict = grant(packet, offset, new Ip6Address(sourceHigh, sourceLow));
        }
        verdicts.count(verdict);
        if (verdict.compareTo(Verdict.PROOF) > 0 && verdict != Verdict.ACCEPTED) {
            listener.refused(verdict, check.client().name());
        }
        return verdict;
    }

    private Verdict grant(byte[] packet, int offset, Ip6Address from) {
        ClientState client = check.client();
        KnockRequest request = check.request();
        Service service = serviceFor(client.client(), request.service());
        if (service == null) {
            return Verdict.SERVICE;
        }
        Ip6Address source = request.source().isUnspecified() ? from : request.source();
        boolean named = source.equals(from) || client.client().mayNameSource();
        if (!named || !Sources.canConnect(source) || source.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
            return Verdict.SOURCE;
        }
        if (!client.mayKnock(clock.monotonicNanos())) {
            return Verdict.RATE;
        }
        Verdict quota = quota(client);
        if (quota != Verdict.ACCEPTED) {
            return quota;
        }
        Permit permit = permitFor(client.client().source(), source, service, check.key(), packet, offset);
        if (permit == null) {
            return Verdict.NO_DOOR;
        }
        try {
            if (!client.mayLease() && !leases.replaceOldest(client, clock.monotonicNanos())) {
                return Verdict.LEASES;
            }
            leases.open(client, service, permit, windowFor(service, request.leaseSeconds()), clock.monotonicNanos());
            client.knocked(clock.wallNanos());
            return Verdict.ACCEPTED;
        } catch (KernelException e) {
            listener.warning("a genuine knock of client " + client.name() + " opened nothing: " + e.getMessage());
            return Verdict.KERNEL;
        }
    }

    private Verdict quota(ClientState client) {
        if (!client.mayLease()) {
            return client.replaces() ? Verdict.ACCEPTED : Verdict.LEASES;
        }
        return leases.size() >= settings.doorLimit() ? Verdict.DOORS : Verdict.ACCEPTED;
    }

    private @Nullable Service serviceFor(Client client, String asked) {
        if (client.services().isEmpty()) {
            return null;
        }
        String name = asked.isEmpty() ? client.services().get(0) : asked;
        return client.services().contains(name) ? settings.services().get(name) : null;
    }

    private @Nullable Permit permitFor(
            SourcePolicy policy, Ip6Address source, Service service, KnockKey key, byte[] packet, int offset) {
        if (source.isIpv4()) {
            return new Permit(source, 128, Ip6Address.UNSPECIFIED, service.protocol(), service.port());
        }
        DoorSpace doors = settings.guard().doors();
        if (doors == null) {
            return null;
        }
        for (Ip6Address door : doors.candidates(key, packet, offset)) {
            if (!leases.isDoor(door) && !own.contains(door)) {
                int length = policy.length();
                return new Permit(source.masked(length), length, door, service.protocol(), service.port());
            }
        }
        return null;
    }

    private static Duration windowFor(Service service, long askedSeconds) {
        Duration most = service.lease();
        Duration asked = Duration.ofSeconds(askedSeconds);
        return asked.isZero() || asked.compareTo(most) > 0 ? most : asked;
    }

    /**
     * Opens a door by hand.
     *
     * @param source who may come; null for anybody who is told the door
     * @param window null for the service's own
     */
    public Lease permit(String clientName, String serviceName, @Nullable Ip6Address source, @Nullable Duration window)
            throws RefusedException, KernelException {
        ClientState client = client(clientName);
        Service service = settings.services().get(serviceName);
        if (service == null) {
            throw new RefusedException("no service \"" + serviceName + "\"; see: mayflyctl services");
        }
        if (source != null && !Sources.canConnect(source)) {
            throw new RefusedException(source + " cannot be the source of a connection");
        }
        if (source != null && source.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
            throw new RefusedException("service " + serviceName
                    + " cannot be opened on IPv4; set ipv4 = \"permit\" in [service." + serviceName + "]");
        }
        if (window != null && (window.compareTo(LEAST) < 0 || window.compareTo(MOST) > 0)) {
            throw new RefusedException("a lease lasts 1s to 365d");
        }
        if (!client.mayLease() || quota(client) != Verdict.ACCEPTED) {
            throw new RefusedException(
                    "client " + clientName + " has as many leases as it may; revoke one, or raise its quota");
        }
        byte[] seed = new byte[Packet.LENGTH];
        random.nextBytes(seed);
        SourcePolicy policy =
                source == null ? SourcePolicy.ANY : client.client().source();
        Permit permit = permitFor(
                policy,
                source == null ? Ip6Address.UNSPECIFIED : source,
                service,
                client.client().keys().get(0),
                seed,
                0);
        if (permit == null) {
            throw new RefusedException("there is no prefix to take a door from; see: mayflyctl status");
        }
        Duration most = window == null ? service.lease() : window;
        return leases.open(client, service, permit, most, clock.monotonicNanos());
    }

    private ClientState client(String name) throws RefusedException {
        ClientState client = clients.find(name);
        if (client == null) {
            throw new RefusedException("no client \"" + name + "\"; see: mayflyctl clients");
        }
        return client;
    }

    /**
     * Ends one lease at once, its sessions too.
     *
     * @return how many sessions were cut
     */
    public int revoke(Lease lease) throws KernelException {
        return leases.revoke(lease, clock.monotonicNanos());
    }

    /** The leases a word names: those of a lease's id, or of a client. */
    public List<Lease> named(String leaseOrClient) throws RefusedException {
        Lease one = leases.find(leaseOrClient);
        if (one != null) {
            return List.of(one);
        }
        if (clients.find(leaseOrClient) == null) {
            throw new RefusedException("no lease and no client \"" + leaseOrClient + "\"; see: mayflyctl leases");
        }
        return leasesOf(leaseOrClient);
    }

    public List<Lease> leasesOf(String client) {
        ClientState state = clients.find(client);
        return state == null ? List.of() : new ArrayList<>(state.leases());
    }

    /** Does what is due. */
    public void tick() {
        repairs.tick(clock.monotonicNanos());
        leases.tick(clock.monotonicNanos());
    }

    /** When {@link #tick} has something to do, by the monotonic clock; {@link Long#MAX_VALUE} for never. */
    public long nextDue() {
        return Math.min(leases.nextDue(), repairs.due());
    }

    /** Whether nothing is known to be missing in the kernel. */
    boolean settled() {
        return repairs.due() == Long.MAX_VALUE;
    }

    /** Permits without a lease whose sessions are still to be cut. */
    Set<Permit> orphans() {
        return leases.orphans().permits();
    }

    public Collection<Lease> leases() {
        return leases.all();
    }

    public List<Client> clients() {
        return clients.all();
    }

    /** Wall clock of the client's last knock that opened something; 0 for never. */
    public long lastKnock(String client) {
        ClientState state = clients.find(client);
        return state == null ? 0 : state.lastKnock();
    }

    public Settings settings() {
        return settings;
    }

    /** How much longer every knock is refused because replay marks were lost; 0 when knocks are taken. */
    public Duration refusesFor() {
        return Duration.ofNanos(check.waitNanos());
    }

    /** How many packets there were of each verdict. */
    public Map<Verdict, Long> verdicts() {
        return verdicts.toMap();
    }
}
