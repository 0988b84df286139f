package org.mayfly.agent.core;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * What becomes of leases. The kernel's own deadlines end them; this keeps count, keeps an address up while a session is
 * on it, and ends what has to end early.
 */
final class Leases {
    /** How long an address is held at a time for a session: what a killed agent leaves behind, at most. */
    static final Duration HOLD = Duration.ofSeconds(60);

    /** How often a lease in session is looked at. */
    private static final long LOOK = Duration.ofSeconds(20).toNanos();

    /** Each costs a look at the machine's sockets; in between, knocks are heard. */
    private static final int REVOKED_AT_ONCE = 64;

    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    /** How often it is asked whether a door takes packets, should nobody have told. */
    private static final long READY_LOOK = Duration.ofMillis(200).toNanos();

    private record Due(long at, Lease lease) {
        /** Whether it is not over, nor due at another time by now. */
        boolean stands() {
            return lease.state() != Lease.State.CLOSED && lease.due() == at;
        }
    }

    private final KernelPort kernel;
    private final Repairs repairs;
    private final Clock clock;
    private final RandomGenerator random;
    private final AgentListener listener;
    private final LeaseTable table = new LeaseTable();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    private final LeaseBook book;
    private final Orphans orphans;
    private final Trouble looking;
    private final Trouble holding;
    private final Trouble ending;
    private final Trouble announcing;
    private final Trouble moving;

    /** How much later than by our clock the kernel may end the windows of leases that were opened before {@link #lateAsOf}. */
    private long late;

    private long lateAsOf;

    Leases(
            KernelPort kernel,
            LeaseStore store,
            Repairs repairs,
            Clock clock,
            RandomGenerator random,
            AgentListener listener) {
        this.kernel = kernel;
        this.repairs = repairs;
        this.clock = clock;
        this.book = new LeaseBook(store, clock, listener);
        this.orphans = new Orphans(kernel, book, listener, table);
        this.random = random;
        this.listener = listener;
        this.looking = new Trouble(listener);
        this.holding = new Trouble(listener);
        this.ending = new Trouble(listener);
        this.announcing = new Trouble(listener);
        this.moving = new Trouble(listener);
    }

    LeaseTable table() {
        return table;
    }

    /** What was written down before a restart and is not gone on with. */
    Orphans orphans() {
        return orphans;
    }

    /** What the leases have in the kernel. */
    Standing standing(Guard guard, Clock clock) {
        long now = clock.monotonicNanos();
        return new Standing(() -> table.permits(clock).iterator(), book.cuts(now), table.doors(guard, HOLD, now));
    }

    /**
     * @param key the id of the key that asked for it; 0 for an administrator
     */
    Lease open(ClientState client, Service service, long key, Permit permit, Duration window) throws KernelException {
        List<Lease> sharing = permit.isIpv4() ? table.sharing(permit) : List.of();
        long before = clock.monotonicNanos();
        Duration longest = window;
        for (Lease other : sharing) {
            longest = LeaseTable.longer(longest, left(other, before));
        }
        boolean ready = kernel.open(permit, longest);
        book.forgive(permit);
        long now = clock.monotonicNanos(); // the kernel counts from before this, however long it took
        if (!sharing.isEmpty()) {
            late(before, late); // and from later than the windows of those who share it
        }
        for (Lease other : sharing) {
            if (other.holder() == client) {
                Duration own = LeaseTable.longer(window, left(other, now));
                other.renewed(service, key);
                start(other, own.toNanos(), true, now);
                return other;
            }
        }
        Lease lease = new Lease(newId(), client, service, key, permit, now);
        table.add(lease);
        start(lease, window.toNanos(), ready, now);
        return lease;
    }

    private static Duration left(Lease lease, long now) {
        return lease.doomed() ? Duration.ZERO : lease.windowLeft(now);
    }

    private void start(Lease lease, long window, boolean ready, long now) {
        lease.window(now, window, ready);
        schedule(lease, ready ? lease.windowOver() : Math.min(lease.windowOver(), now + READY_LOOK));
        book.write(lease);
        if (lease.opened() == now) {
            listener.opened(lease);
        } else {
            listener.renewed(lease);
        }
    }

    private void schedule(Lease lease, long at) {
        lease.due(at);
        queue.add(new Due(at, lease));
    }

    private int newId() {
        while (true) {
            int id = random.nextInt();
            if (table.find(id) == null) {
                return id;
            }
        }
    }

    /**
     * Goes on with a lease from before a restart, or with another door of one. The kernel is told by the next
     * {@link KernelPort#install}.
     *
     * @param newest whether the door is in the prefix that new ones are taken from
     * @return false if another lease has its id or its door, or it was revoked
     */
    boolean adopt(LeaseRecord r, int slot, Service service, ClientState client, boolean newest) {
        Lease there = table.find(r.id());
        boolean taken = !r.permit().isIpv4() && table.isTaken(r.permit());
        if (taken || book.isCutSince(r.permit(), r.opened()) || there != null && !isSame(there, r, client)) {
            return false;
        }
        book.forgive(r.permit()); // it was let in anew
        if (there != null) {
            there.add(new Lease.Way(r.permit(), slot), newest);
            table.add(there, r.permit());
            if (there.shorten(r.windowEnd(), r.sessionEnd())) {
                schedule(there, there.windowOver());
                book.write(there);
            }
            return true;
        }
        Lease lease = Lease.of(r, slot, service, client);
        table.add(lease);
        schedule(lease, lease.windowOver());
        return true;
    }

    private static boolean isSame(Lease lease, LeaseRecord r, ClientState client) {
        return lease.holder() == client
                && lease.opened() == r.opened()
                && !r.permit().isIpv4();
    }

    /** Goes on dropping the packets of who was cut off before a restart. */
    void adoptCut(Permit permit, long until, int slot) {
        book.cut(permit, until, slot);
    }

    /**
     * Gives those whose window is open a door in another prefix as well; the ones they have stay.
     *
     * @param moved where a door would be there; null if nowhere
     */
    void follow(UnaryOperator<@Nullable Ip6Address> moved) {
        for (Lease lease : table.all()) {
            Permit p = lease.permit();
            Duration left = left(lease, clock.monotonicNanos());
            Ip6Address door = p.isIpv4() || left.isZero() ? null : moved.apply(p.door());
            if (door != null && table.at(door) == lease) {
                lease.prefer(door); // the prefix is that of before again
            }
            if (door == null || table.at(door) != null) {
                continue;
            }
            Permit next = new Permit(p.source(), p.sourceLength(), door, p.protocol(), p.port());
            try {
                goOn(next, left);
                book.forgive(next);
                lease.add(new Lease.Way(next, LeaseStore.NONE), true);
                table.add(lease, next);
                book.write(lease);
                listener.moved(lease);
                moving.isOver();
            } catch (KernelException e) {
                moving.is("lease " + lease.id() + " gets no door in the new prefix, a knock will: " + e.getMessage());
            }
        }
    }

    /** Lets in for what is left of a window. */
    private void goOn(Permit permit, Duration left) throws KernelException {
        long before = clock.monotonicNanos();
        kernel.open(permit, left);
        late(before, late);
    }

    /** All windows were put into the kernel anew, by what was left of them then. */
    void installed(long then) {
        late(then, 0);
    }

    private void late(long then, long least) {
        lateAsOf = clock.monotonicNanos();
        late = Math.max(least, lateAsOf - then);
    }

    /** The kernel says that a door takes packets. */
    void ready(Ip6Address door) {
        Lease lease = table.at(door);
        if (lease == null || lease.doomed()) {
            return;
        }
        for (Permit p : lease.permits()) {
            if (p.door().equals(door)) {
                announce(p);
            }
        }
        if (lease.state() == Lease.State.PENDING && lease.door().equals(door)) {
            active(lease);
        }
    }

    private void announce(Permit permit) {
        try {
            kernel.announce(permit);
            announcing.isOver();
        } catch (KernelException e) {
            announcing.is("routers have to ask for doors, which delays a client's first packet: " + e.getMessage());
        }
    }

    private void active(Lease lease) {
        lease.active();
        schedule(lease, lease.windowOver());
        listener.changed(lease);
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        Due head = queue.peek();
        while (head != null && !head.stands()) {
            queue.remove();
            head = queue.peek();
        }
        return Math.min(Math.min(orphans.due(), book.due()), head == null ? Long.MAX_VALUE : head.at());
    }

    /** Looks at every lease that is due: still in session, or over. */
    void tick(long now) {
        orphans.tick(now);
        book.freeAgain(now);
        Set<Lease> due = takeDue(now);
        due.removeIf(lease -> revokedIfDoomed(lease, now)
                || lookedAtPending(lease, now)
                || isOpenStill(lease, now)
                || !shutIfItCuts(lease, now));
        if (due.isEmpty()) {
            return;
        }
        Map<Permit, Integer> sessions;
        try {
            sessions = kernel.sessions(
                    due.stream().flatMap(lease -> lease.permits().stream()).toList());
            looking.isOver();
        } catch (KernelException e) {
            // Nothing is held, so the kernel's deadlines close what is not looked at again in time.
            looking.is("cannot look for sessions, trying again: " + e.getMessage());
            due.forEach(lease -> again(lease, now, now + RETRY));
            return;
        }
        for (Lease lease : due) {
            if (lease.permits().stream().noneMatch(sessions::containsKey)) {
                finish(lease, Lease.End.EXPIRED);
            } else if (now >= lease.sessionEnd()) {
                cutAtLimit(lease, now);
            } else {
                hold(lease, now);
            }
        }
    }

    /** Each once, however often it was put off to the same moment. */
    private Set<Lease> takeDue(long now) {
        Set<Lease> due = new LinkedHashSet<>();
        int ending = 0;
        for (Due head = queue.peek();
                head != null && head.at() <= now && ending < REVOKED_AT_ONCE;
                head = queue.peek()) {
            queue.remove();
            if (head.stands()) {
                ending += head.lease().doomed() ? 1 : 0;
                due.add(head.lease());
                schedule(head.lease(), now + RETRY); // should something fail that ought not to
            }
        }
        return due;
    }

    private boolean revokedIfDoomed(Lease lease, long now) {
        if (lease.doomed()) {
            try {
                revoke(lease, now);
                ending.isOver();
            } catch (KernelException e) {
                ending.is("cannot revoke lease " + lease.id() + ", trying again: " + e.getMessage());
            }
        }
        return lease.doomed();
    }

    /** The event that says so may be lost. */
    private boolean lookedAtPending(Lease lease, long now) {
        if (lease.state() != Lease.State.PENDING || now >= lease.windowOver()) {
            return false;
        }
        try {
            if (kernel.isReady(lease.door())) {
                announce(lease.permit());
                active(lease);
                return true;
            }
        } catch (KernelException e) {
            looking.is("cannot see whether a door is up, trying again: " + e.getMessage());
        }
        schedule(lease, Math.min(lease.windowOver(), now + READY_LOOK));
        return true;
    }

    /** Whoever comes in after the look would have no lease. */
    private boolean isOpenStill(Lease lease, long now) {
        long over = lease.windowOver() + late;
        boolean open = lease.opened() <= lateAsOf
                && now < over
                && lease.state() != Lease.State.SESSION
                && !lease.cutsSessions(); // that permit is closed before the look
        if (open) {
            schedule(lease, over);
        }
        return open;
    }

    /** Where sessions end with the window, nobody may come in between this look and the kernel's own deadline. */
    private boolean shutIfItCuts(Lease lease, long now) {
        if (lease.cutsSessions()) {
            try {
                shut(lease);
            } catch (KernelException e) {
                ending.is("cannot close the permit of lease " + lease.id() + ", trying again: " + e.getMessage());
                again(lease, now, now + RETRY);
                return false;
            }
        }
        return true;
    }

    private void hold(Lease lease, long now) {
        KernelException failure = null;
        for (Permit p : lease.permits()) {
            try {
                if (!p.isIpv4()) {
                    kernel.hold(p.door(), lease.held(HOLD, now));
                }
            } catch (KernelException e) { // the session may be on another of its doors
                failure = e;
            }
        }
        if (failure == null) {
            holding.isOver();
            again(lease, now, now + Math.min(LOOK, lease.sessionEnd() - now));
        } else {
            holding.is("cannot keep the door of lease " + lease.id() + " up for its session, trying again: "
                    + failure.getMessage());
            again(lease, now, now + RETRY);
        }
    }

    private void again(Lease lease, long now, long at) {
        boolean news = lease.state() != Lease.State.SESSION;
        boolean early = now < lease.windowEnd();
        lease.session(now);
        if (early) {
            book.write(lease);
        }
        schedule(lease, at);
        if (news) {
            listener.changed(lease);
        }
    }

    private void cutAtLimit(Lease lease, long now) {
        try {
            cut(lease, now);
            ending.isOver();
            finish(lease, Lease.End.SESSION_LIMIT);
        } catch (KernelException e) {
            ending.is("cannot end the session of lease " + lease.id() + ", trying again: " + e.getMessage());
            again(lease, now, now + RETRY);
        }
    }

    /** Ends its sessions, unless they cannot be told from somebody else's. */
    private int cut(Lease lease, long now) throws KernelException {
        int count = 0;
        if (table.othersLeft(lease, now) == null) {
            for (Permit p : lease.permits()) {
                count += kernel.cut(p, LeaseBook.REMEMBERED);
                book.cut(p);
            }
        }
        return count;
    }

    /** Those are to end, now; what cannot be revoked then is tried again until it is. */
    void end(Predicate<Lease> which, long now) {
        for (Lease lease : table.all()) {
            if (which.test(lease)) {
                doom(lease, now);
            }
        }
    }

    /** This one is to end then. */
    void doom(Lease lease, long at) {
        lease.doom();
        schedule(lease, at);
    }

    /**
     * Permit out, sessions reset, address out. Where another client shares an IPv4 permit, that one's time goes on.
     *
     * @return how many sessions were cut
     * @throws KernelException if the kernel refused; the lease is then still here, and it is tried again by itself
     */
    int revoke(Lease lease, long now) throws KernelException {
        int cut;
        try {
            shut(lease);
            cut = cut(lease, now);
        } catch (KernelException e) {
            doom(lease, now + RETRY);
            book.write(lease);
            throw e;
        }
        finish(lease, Lease.End.REVOKED);
        return cut;
    }

    /** Permit out, or cut back to what others who share it have left. */
    private void shut(Lease lease) throws KernelException {
        Duration others = table.othersLeft(lease, clock.monotonicNanos());
        for (Permit p : lease.permits()) {
            if (others == null || others.isZero()) {
                kernel.close(p);
            } else {
                goOn(p, others);
            }
        }
    }

    /**
     * Ends the oldest lease of a client that has no session.
     *
     * @return false if there is none
     */
    boolean replaceOldest(ClientState client, long now) throws KernelException {
        List<Lease> leases = List.copyOf(client.leases());
        Map<Permit, Integer> used = kernel.sessions(
                leases.stream().flatMap(lease -> lease.permits().stream()).toList());
        for (Lease lease : leases) {
            if (lease.permits().stream().anyMatch(used::containsKey)) {
                continue;
            }
            if (isIdleOnceShut(lease, now)) {
                finish(lease, Lease.End.REPLACED);
                return true;
            }
            again(lease, now, now); // somebody came in since we looked
        }
        return false;
    }

    private boolean isIdleOnceShut(Lease lease, long now) throws KernelException {
        try {
            shut(lease);
            return kernel.sessions(lease.permits()).isEmpty();
        } catch (KernelException e) {
            doom(lease, now + RETRY); // some of its doors are shut, others perhaps not
            throw e;
        }
    }

    private void finish(Lease lease, Lease.End why) {
        for (Permit p : lease.permits()) {
            if (!p.isIpv4()) {
                try {
                    kernel.remove(p.door());
                } catch (KernelException e) {
                    listener.warning(
                            "cannot take the door of lease " + lease.id() + " down, trying again: " + e.getMessage());
                    repairs.later(Disturbance.ADDRESS);
                }
            }
        }
        lease.closed();
        book.strike(lease);
        table.remove(lease);
        listener.ended(lease, why);
    }
}
