package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * The live leases. The kernel's own deadlines end them; this keeps count, keeps an address up while a session is on it,
 * and ends what has to end early.
 */
final class Leases {
    /** How long an address is held at a time for a session: what a killed agent leaves behind, at most. */
    private static final Duration HOLD = Duration.ofSeconds(60);

    /** How often a lease in session is looked at. */
    private static final long LOOK = Duration.ofSeconds(20).toNanos();

    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    private record Due(long at, Lease lease) {}

    private final KernelPort kernel;
    private final RandomGenerator random;
    private final AgentListener listener;
    private final Map<String, Lease> byId = new LinkedHashMap<>();
    private final Set<Ip6Address> doors = new HashSet<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /** IPv4 leases have no door of their own, so two clients behind one address share a permit. */
    private final Map<Permit, List<Lease>> shared = new HashMap<>();

    private final Map<Lease, ClientState> holders = new HashMap<>();
    private final Orphans orphans;
    private final LeaseBook book;

    Leases(KernelPort kernel, LeaseStore store, RandomGenerator random, AgentListener listener) {
        this.kernel = kernel;
        this.book = new LeaseBook(store, listener);
        this.orphans = new Orphans(kernel, book, listener, this::isTaken);
        this.random = random;
        this.listener = listener;
    }

    Lease open(ClientState client, Service service, Permit permit, Duration window, long now) throws KernelException {
        List<Lease> sharing = permit.isIpv4() ? shared.getOrDefault(permit, List.of()) : List.of();
        long nanos = window.toNanos();
        for (Lease other : sharing) {
            nanos = Math.max(nanos, other.windowEnd() - now);
        }
        kernel.open(permit, Duration.ofNanos(nanos));
        book.forgive(permit);
        for (Lease other : sharing) {
            if (other.client().equals(client.name())) {
                start(other, Duration.ofNanos(nanos), now);
                return other;
            }
        }
        Lease lease = new Lease(newId(), client.name(), service, permit, now);
        keep(lease, client);
        start(lease, window, now);
        return lease;
    }

    private void keep(Lease lease, ClientState client) {
        byId.put(lease.id(), lease);
        client.leases().add(lease);
        holders.put(lease, client);
        if (lease.permit().isIpv4()) {
            shared.computeIfAbsent(lease.permit(), p -> new ArrayList<>()).add(lease);
        } else {
            doors.add(lease.door());
        }
    }

    private void start(Lease lease, Duration window, long now) {
        lease.window(now, window.toNanos());
        queue.add(new Due(lease.due(), lease));
        book.write(lease);
        listener.opened(lease);
    }

    /**
     * Goes on with a lease from before a restart. The kernel is told by the next {@link KernelPort#install}.
     *
     * @return false if another lease has its id or its door
     */
    boolean adopt(Lease lease, ClientState client) {
        boolean taken = byId.containsKey(lease.id()) || !lease.permit().isIpv4() && isDoor(lease.door());
        if (!taken) {
            keep(lease, client);
            queue.add(new Due(lease.due(), lease));
        }
        return !taken;
    }

    /** Goes on dropping the packets of who was cut off before a restart. */
    void adoptCut(Permit permit, long until, int slot) {
        book.cut(permit, until, slot);
    }

    /** What was written down before a restart and is not gone on with. */
    Orphans orphans() {
        return orphans;
    }

    /** Whether a lease has the permit, or its door. */
    private boolean isTaken(Permit permit) {
        return shared.containsKey(permit) || isDoor(permit.door());
    }

    /** What the leases have in the kernel. */
    Standing standing(long now) {
        Map<Permit, Duration> permits = new HashMap<>();
        Map<Ip6Address, Duration> addresses = new HashMap<>();
        for (Lease lease : byId.values()) {
            Duration window = Duration.ofNanos(Math.max(0, lease.windowEnd() - now));
            if (window.toMillis() > 0 && !lease.doomed()) {
                permits.merge(lease.permit(), window, Leases::longer);
            }
            if (!lease.permit().isIpv4()) {
                Duration life = window.plus(KernelPort.ADDRESS_GRACE);
                addresses.put(lease.door(), lease.state() == Lease.State.SESSION ? HOLD : life);
            }
        }
        return new Standing(permits, book.cuts(now), addresses);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private String newId() {
        while (true) {
            String id = String.format("%08x", random.nextInt());
            if (!byId.containsKey(id)) {
                return id;
            }
        }
    }

    boolean isDoor(Ip6Address address) {
        return doors.contains(address);
    }

    int size() {
        return byId.size();
    }

    @Nullable
    Lease find(String id) {
        return byId.get(id);
    }

    Collection<Lease> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        Due head = queue.peek();
        return Math.min(orphans.due(), head == null ? Long.MAX_VALUE : head.at());
    }

    /** Looks at every lease that is due: still in session, or over. */
    void tick(long now) {
        orphans.tick(now);
        book.freeAgain();
        List<Lease> due = takeDue(now);
        due.removeIf(lease -> revokedIfDoomed(lease, now));
        if (due.isEmpty()) {
            return;
        }
        Map<Permit, Integer> sessions;
        try {
            sessions = kernel.sessions(due.stream().map(Lease::permit).toList());
        } catch (KernelException e) {
            // Nothing is held, so the kernel's deadlines close what is not looked at again in time.
            listener.warning("cannot look for sessions, trying again: " + e.getMessage());
            due.forEach(lease -> again(lease, now + RETRY));
            return;
        }
        for (Lease lease : due) {
            if (!sessions.containsKey(lease.permit())) {
                finish(lease, Lease.End.EXPIRED);
            } else if (now >= lease.sessionEnd()) {
                cutAtLimit(lease, now);
            } else {
                hold(lease, now);
            }
        }
    }

    /** These are to end: what cannot be revoked then is tried again until it is. */
    void doom(Collection<Lease> leases, long at) {
        for (Lease lease : leases) {
            lease.doom(at);
            queue.add(new Due(at, lease));
        }
    }

    private boolean revokedIfDoomed(Lease lease, long now) {
        if (lease.doomed()) {
            try {
                revoke(lease, now);
            } catch (KernelException e) {
                listener.warning("cannot revoke lease " + lease.id() + ", trying again: " + e.getMessage());
            }
        }
        return lease.doomed();
    }

    private List<Lease> takeDue(long now) {
        List<Lease> due = new ArrayList<>();
        for (Due head = queue.peek(); head != null && head.at() <= now; head = queue.peek()) {
            queue.remove();
            if (head.lease().state() != Lease.State.CLOSED && head.lease().due() == head.at()) {
                due.add(head.lease());
            }
        }
        return due;
    }

    private void hold(Lease lease, long now) {
        try {
            long left = lease.sessionEnd() - now;
            if (!lease.permit().isIpv4()) {
                kernel.hold(
                        lease.door(),
                        left < HOLD.toNanos() ? Duration.ofNanos(left).plusSeconds(1) : HOLD);
            }
            again(lease, now + Math.min(LOOK, left));
        } catch (KernelException e) {
            listener.warning("cannot keep the door of lease " + lease.id() + " up for its session, trying again: "
                    + e.getMessage());
            again(lease, now + RETRY);
        }
    }

    private void again(Lease lease, long at) {
        boolean news = lease.state() != Lease.State.SESSION;
        lease.session(at);
        if (news) {
            listener.changed(lease);
        }
        queue.add(new Due(at, lease));
    }

    private void cutAtLimit(Lease lease, long now) {
        try {
            if (othersLeft(lease, now) == Long.MIN_VALUE) {
                kernel.cut(lease.permit(), LeaseBook.REMEMBERED);
                book.cut(lease.permit(), now);
            }
            finish(lease, Lease.End.SESSION_LIMIT);
        } catch (KernelException e) {
            listener.warning("cannot end the session of lease " + lease.id() + ", trying again: " + e.getMessage());
            again(lease, now + RETRY);
        }
    }

    /**
     * Permit out, sessions reset, address out. Where another client shares an IPv4 permit, that one's time goes on.
     *
     * @return how many sessions were cut
     * @throws KernelException if the kernel refused; the lease is then still here, and it is tried again by itself
     */
    int revoke(Lease lease, long now) throws KernelException {
        int cut = 0;
        try {
            shut(lease, now);
            if (othersLeft(lease, now) == Long.MIN_VALUE) {
                cut = kernel.cut(lease.permit(), LeaseBook.REMEMBERED);
                book.cut(lease.permit(), now);
            }
        } catch (KernelException e) {
            doom(List.of(lease), now + RETRY);
            throw e;
        }
        finish(lease, Lease.End.REVOKED);
        return cut;
    }

    /** Permit out, or cut back to what others who share it have left. */
    private void shut(Lease lease, long now) throws KernelException {
        long others = othersLeft(lease, now);
        if (others > 0) {
            kernel.open(lease.permit(), Duration.ofNanos(others));
        } else {
            kernel.close(lease.permit());
        }
    }

    /**
     * Ends the oldest lease of a client that has no session.
     *
     * @return false if there is none
     */
    boolean replaceOldest(ClientState client, long now) throws KernelException {
        List<Permit> permits = client.leases().stream().map(Lease::permit).toList();
        Map<Permit, Integer> inUse = kernel.sessions(permits);
        for (Lease lease : List.copyOf(client.leases())) {
            if (!inUse.containsKey(lease.permit())) {
                shut(lease, now);
                finish(lease, Lease.End.REPLACED);
                return true;
            }
        }
        return false;
    }

    /**
     * How long others who share the permit are let in: their sessions cannot be told from those of the lease, so they
     * are left. {@link Long#MIN_VALUE} if nobody shares it.
     */
    private long othersLeft(Lease lease, long now) {
        long left = Long.MIN_VALUE;
        for (Lease other : shared.getOrDefault(lease.permit(), List.of())) {
            if (other != lease) {
                left = Math.max(left, other.windowEnd() - now);
            }
        }
        return left;
    }

    private void finish(Lease lease, Lease.End why) {
        if (!lease.permit().isIpv4()) {
            try {
                kernel.remove(lease.door());
            } catch (KernelException e) {
                listener.warning(
                        "cannot take the door of lease " + lease.id() + " down, the kernel will: " + e.getMessage());
            }
        }
        lease.closed();
        book.strike(lease);
        byId.remove(lease.id());
        doors.remove(lease.door());
        shared.computeIfPresent(lease.permit(), (p, leases) -> {
            leases.remove(lease);
            return leases.isEmpty() ? null : leases;
        });
        ClientState client = holders.remove(lease);
        if (client != null) {
            client.leases().remove(lease);
        }
        listener.ended(lease, why);
    }
}
