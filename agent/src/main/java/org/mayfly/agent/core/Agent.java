package org.mayfly.agent.core;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockKey;

/**
 * The agent: packets, the clock and an administrator's wishes in, calls to the kernel out. One thread calls it, and the
 * same calls in the same order do the same.
 */
public final class Agent {
    private final KernelPort kernel;
    private final LeaseStore store;
    private final Clock clock;
    private final AgentListener listener;
    private final KnockCheck check;
    private final Repairs repairs;
    private final Leases leases;
    private final Doors doors;
    private final Admission admission;
    private final Clients clients;
    private final VerdictCounts verdicts = new VerdictCounts();
    private final BiConsumer<Lease, KernelException> notOpened =
            this::notOpened; // made once: it is asked after each burst

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
        this.kernel = kernel;
        this.store = store;
        this.clock = clock;
        this.listener = listener;
        this.check = new KnockCheck(gate, marks, clock, decoy, settings.window().toNanos(), random.nextLong());
        this.repairs = new Repairs(clock, listener);
        this.leases = new Leases(kernel, store, repairs, clock, random, listener);
        this.doors = new Doors(kernel, leases, repairs, clock);
        this.admission = new Admission(settings, doors, leases, clock, random);
        this.clients = new Clients(marks, clock);
    }

    /**
     * Goes by other settings from now on. Live leases stay, but for those that would not be given any more.
     *
     * @throws KernelException if the guard could not be put up; nothing has changed then
     */
    public void apply(Settings next) throws KernelException {
        doors.install(next.guard());
        leases.orphans().tick(clock.monotonicNanos());
        admission.settings(next);
        clients(clients.all());
    }

    /**
     * Goes on with the leases that were written down before a restart. Call it once the clients are there and before
     * {@link #apply}, which puts into the kernel what is gone on with, and takes out what is not:
     * leases that would not be given any more, those whose times make no sense, and sessions of which nothing is known.
     *
     * @return how many go on
     */
    public int adopt() throws KernelException {
        List<Ip6Prefix> prefixes = kernel.prefixes();
        long now = clock.monotonicNanos();
        try {
            store.read((record, slot) -> {
                if (record.cut()) { // these come first: a lease that is over and could not be struck out does not come
                    // back
                    adoptCut(slot, record, now);
                } else {
                    adopt(slot, record, prefixes, now);
                }
            });
        } catch (IOException e) {
            listener.warning("leases from before cannot be read, and end: " + e.getMessage());
        }
        leases.orphans().strays(now);
        return leases.table().size();
    }

    private void adoptCut(int slot, LeaseRecord r, long now) {
        long most = now + LeaseBook.REMEMBERED.toNanos();
        boolean sane = r.opened() <= now && r.windowEnd() <= most;
        leases.adoptCut(r.permit(), sane ? r.windowEnd() : most, slot);
    }

    private void adopt(int slot, LeaseRecord r, List<Ip6Prefix> prefixes, long now) {
        boolean sane = r.opened() <= now && r.windowEnd() - now <= Admission.MOST.toNanos();
        ClientState client = clients.find(r.client());
        Service service = settings().services().get(r.service());
        Guard next = settings().guard();
        DoorPrefix current = next.current();
        boolean newest = current != null && current.contains(r.permit().door());
        if (sane
                && client != null
                && service != null
                && admission.allows(client, r.service(), r.key(), r.permit())
                && leases.adopt(r, slot, service, client, newest)) {
            doors.adopt(r.permit().door(), next, prefixes);
        } else {
            leases.orphans().add(r.permit(), slot, now);
        }
    }

    /**
     * Replaces the clients. Leases that would not be given any more end: the caller may revoke them, to hear of what goes
     * wrong; what is left of them is revoked in time.
     */
    public void clients(Collection<Client> all) {
        check.keys(clients.replace(all, settings().quota()), settings().window().toNanos());
        leases.endings().end(lease -> !lease.doomed() && !isAllowed(lease), clock.monotonicNanos());
    }

    private boolean isAllowed(Lease lease) {
        ClientState client = clients.find(lease.client());
        return client == lease.holder()
                && admission.allows(client, lease.service().name(), lease.key(), lease.permit());
    }

    /** Whether a lease needs the address. */
    public boolean isDoor(Ip6Address address) {
        return leases.table().at(address) != null;
    }

    /**
     * Whether a connection that just came in may stay: the kernel let it in, and this is asked in case the guard was not
     * there. It may for so long after the end of a window as the kernel may have let it in; a session opens nothing.
     *
     * @param source an IPv4 one in mapped form
     * @param door the address it came to; {@link Ip6Address#UNSPECIFIED} on IPv4
     */
    public boolean admits(Ip6Address source, Ip6Address door, Protocol protocol, int port) {
        return leases.admits(source, door, protocol, port);
    }

    /** The kernel says that packets to a door arrive. */
    public void ready(Ip6Address door) {
        leases.ready(door);
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
     * @return {@link Verdict#ACCEPTED} if its door is open, or will be by {@link #burstOver}
     */
    public Verdict receive(byte[] packet, int offset, int length, long sourceHigh, long sourceLow) {
        Verdict verdict = check.check(packet, offset, length, sourceHigh, sourceLow);
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
        if (!client.mayLease()) {
            burstOver(); // what makes room for this one may be among them
        }
        try {
            return admission.grant(client, check.key(), check.request(), packet, offset, from);
        } catch (KernelException e) {
            openedNothing(client, e);
            return Verdict.KERNEL;
        }
    }

    private void openedNothing(ClientState client, KernelException e) {
        listener.warning("a genuine knock of client " + client.name() + " opened nothing: " + e.getMessage());
    }

    /**
     * No more packets have come for now: the kernel is told of all that were accepted, at once.
     *
     * @return how many of them opened nothing, since the kernel refused
     */
    public int burstOver() {
        return leases.openings().openAdmitted(notOpened);
    }

    private void notOpened(Lease lease, KernelException failure) {
        verdicts.mistaken(Verdict.ACCEPTED, Verdict.KERNEL);
        openedNothing(lease.holder(), failure);
        listener.refused(Verdict.KERNEL, lease.client());
    }

    /** A burst of one packet: what becomes of it is seen at once. */
    public Verdict knock(byte[] packet, int offset, int length, long sourceHigh, long sourceLow) {
        Verdict verdict = receive(packet, offset, length, sourceHigh, sourceLow);
        return burstOver() > 0 && verdict == Verdict.ACCEPTED ? Verdict.KERNEL : verdict;
    }

    /**
     * Opens a door by hand.
     *
     * @param source who may come; null for anybody who is told the door
     * @param window null for the service's own
     */
    public Lease permit(String client, String service, @Nullable Ip6Address source, @Nullable Duration window)
            throws RefusedException, KernelException {
        ClientState state = clients.find(client);
        if (state == null) {
            throw new RefusedException("no client \"" + client + "\"; see: mayflyctl clients");
        }
        return admission.permit(state, service, source, window);
    }

    /**
     * Ends one lease at once, its sessions too.
     *
     * @return how many sessions were cut
     */
    public int revoke(Lease lease) throws KernelException {
        return leases.endings().revoke(lease, clock.monotonicNanos());
    }

    /** The leases a word names: those of a lease's id, or of a client. */
    public List<Lease> named(String leaseOrClient) throws RefusedException {
        Lease one = leases.table().find(leaseOrClient);
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
        try {
            doors.tick(clock.monotonicNanos());
        } finally { // whatever is wrong with those
            leases.tick(clock.monotonicNanos());
        }
    }

    /** When {@link #tick} has something to do, by the monotonic clock; {@link Long#MAX_VALUE} for never. */
    public long nextDue() {
        return Math.min(leases.nextDue(), doors.due());
    }

    /** Whether nothing is known to be missing in the kernel. */
    boolean settled() {
        return repairs.due() == Long.MAX_VALUE;
    }

    /** Permits without a lease whose sessions are still to be cut. */
    Set<Permit> orphans() {
        return leases.orphans().permits();
    }

    /** Whether there may be sessions of which nothing is known, that are still to be cut. */
    boolean hasStrays() {
        return leases.orphans().hasStrays();
    }

    public Collection<Lease> leases() {
        return leases.table().all();
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
        return admission.settings();
    }

    /** The guard that stands: that of the settings, and the prefixes of before that doors are still in. */
    public Guard guard() {
        return doors.guard();
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
