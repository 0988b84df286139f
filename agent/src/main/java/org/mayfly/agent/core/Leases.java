package org.mayfly.agent.core;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * What becomes of leases. The kernel's own deadlines end them; this keeps count, keeps an address up while a session is
 * on it, and sees when it is over.
 */
final class Leases {
    /** How long an address is held at a time for a session: what a killed agent leaves behind, at most. */
    static final Duration HOLD = Duration.ofSeconds(60);

    /** How often a lease in session is looked at. */
    private static final long LOOK = Duration.ofSeconds(20).toNanos();

    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    /** How often it is asked whether a door takes packets, should nobody have told. */
    static final long READY_LOOK = Duration.ofMillis(200).toNanos();

    private final KernelPort kernel;
    private final Clock clock;
    private final AgentListener listener;
    private final LeaseTable table = new LeaseTable();
    private final Schedule schedule = new Schedule();
    private final LeaseBook book;
    private final Orphans orphans;
    private final Windows windows;
    private final Openings openings;
    private final Endings endings;
    private final Trouble looking;
    private final Trouble holding;
    private final Trouble ending;
    private final Trouble announcing;
    private final Trouble moving;

    Leases(
            KernelPort kernel,
            LeaseStore store,
            Repairs repairs,
            Clock clock,
            RandomGenerator random,
            AgentListener listener) {
        this.kernel = kernel;
        this.clock = clock;
        this.book = new LeaseBook(store, clock, listener);
        this.orphans = new Orphans(kernel, book, listener, table);
        this.windows = new Windows(kernel, clock);
        this.openings = new Openings(kernel, table, book, schedule, windows, clock, random, listener);
        this.endings = new Endings(kernel, table, book, schedule, windows, repairs, clock, listener);
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

    /** What begins leases. */
    Openings openings() {
        return openings;
    }

    /** What ends leases early. */
    Endings endings() {
        return endings;
    }

    /** The windows in the kernel. */
    Windows windows() {
        return windows;
    }

    /** See {@link Agent#admits}. */
    boolean admits(Ip6Address source, Ip6Address door, Protocol protocol, int port) {
        long now = clock.monotonicNanos();
        return table.lettingIn(source, door, protocol, port).stream()
                .anyMatch(lease -> !lease.doomed() && now < windows.over(lease));
    }

    /** What the leases have in the kernel. */
    Standing standing(Guard guard, Clock clock) {
        long now = clock.monotonicNanos();
        return new Standing(() -> table.permits(clock).iterator(), book.cuts(now), table.doors(guard, HOLD, now));
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
                schedule.put(there, there.windowOver());
                book.write(there);
            }
            return true;
        }
        Lease lease = Lease.of(r, slot, service, client);
        table.add(lease);
        schedule.put(lease, lease.windowOver());
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
            Duration left = lease.openFor(clock.monotonicNanos());
            Ip6Address door = p.isIpv4() || left.isZero() ? null : moved.apply(p.door());
            if (door != null && table.at(door) == lease) {
                lease.prefer(door); // the prefix is that of before again
            }
            if (door == null || table.at(door) != null) {
                continue;
            }
            Permit next = new Permit(p.source(), p.sourceLength(), door, p.protocol(), p.port());
            try {
                windows.goOn(next, left);
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
        schedule.put(lease, lease.windowOver());
        listener.changed(lease);
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        return Math.min(Math.min(orphans.due(), book.due()), schedule.next());
    }

    /** Looks at every lease that is due: still in session, or over. */
    void tick(long now) {
        orphans.tick(now);
        book.freeAgain(now);
        Set<Lease> due = schedule.take(now, now + RETRY);
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
            due.forEach(lease -> endings.goOn(lease, now, now + RETRY));
            return;
        }
        for (Lease lease : due) {
            if (lease.permits().stream().noneMatch(sessions::containsKey)) {
                endings.finish(lease, Lease.End.EXPIRED);
            } else if (now >= lease.sessionEnd()) {
                cutAtLimit(lease, now);
            } else {
                hold(lease, now);
            }
        }
    }

    private boolean revokedIfDoomed(Lease lease, long now) {
        if (lease.doomed()) {
            try {
                endings.revoke(lease, now);
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
        schedule.put(lease, Math.min(lease.windowOver(), now + READY_LOOK));
        return true;
    }

    /** Whoever comes in after the look would have no lease. */
    private boolean isOpenStill(Lease lease, long now) {
        boolean open = windows.isOpen(lease, now)
                && lease.state() != Lease.State.SESSION
                && !lease.cutsSessions(); // that permit is closed before the look
        if (open) {
            schedule.put(lease, windows.over(lease));
        }
        return open;
    }

    /** Where sessions end with the window, nobody may come in between this look and the kernel's own deadline. */
    private boolean shutIfItCuts(Lease lease, long now) {
        if (lease.cutsSessions()) {
            try {
                endings.shut(lease);
            } catch (KernelException e) {
                ending.is("cannot close the permit of lease " + lease.id() + ", trying again: " + e.getMessage());
                endings.goOn(lease, now, now + RETRY);
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
            endings.goOn(lease, now, now + Math.min(LOOK, lease.sessionEnd() - now));
        } else {
            holding.is("cannot keep the door of lease " + lease.id() + " up for its session, trying again: "
                    + failure.getMessage());
            endings.goOn(lease, now, now + RETRY);
        }
    }

    private void cutAtLimit(Lease lease, long now) {
        try {
            endings.cut(lease, now);
            ending.isOver();
            endings.finish(lease, Lease.End.SESSION_LIMIT);
        } catch (KernelException e) {
            ending.is("cannot end the session of lease " + lease.id() + ", trying again: " + e.getMessage());
            endings.goOn(lease, now, now + RETRY);
        }
    }
}
