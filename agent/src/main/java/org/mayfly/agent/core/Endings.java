package org.mayfly.agent.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Ends leases: permit, sessions, address, and what is written down, in this order. */
final class Endings {
    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    private final KernelPort kernel;
    private final LeaseTable table;
    private final LeaseBook book;
    private final Schedule schedule;
    private final Windows windows;
    private final Repairs repairs;
    private final Clock clock;
    private final AgentListener listener;

    Endings(
            KernelPort kernel,
            LeaseTable table,
            LeaseBook book,
            Schedule schedule,
            Windows windows,
            Repairs repairs,
            Clock clock,
            AgentListener listener) {
        this.kernel = kernel;
        this.table = table;
        this.book = book;
        this.schedule = schedule;
        this.windows = windows;
        this.repairs = repairs;
        this.clock = clock;
        this.listener = listener;
    }

    /** Its window is over, and it is looked at again then. */
    void goOn(Lease lease, long now, long at) {
        boolean news = lease.state() != Lease.State.SESSION;
        boolean early = now < lease.windowEnd();
        lease.session(now);
        if (early) {
            book.write(lease);
        }
        schedule.put(lease, at);
        if (news) {
            listener.changed(lease);
        }
    }

    /** Ends its sessions, unless they cannot be told from somebody else's. */
    int cut(Lease lease, long now) throws KernelException {
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
        schedule.put(lease, at);
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
    void shut(Lease lease) throws KernelException {
        Duration others = table.othersLeft(lease, clock.monotonicNanos());
        for (Permit p : lease.permits()) {
            if (others == null || others.isZero()) {
                kernel.close(p);
            } else {
                windows.goOn(p, others);
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
            goOn(lease, now, now); // somebody came in since we looked
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

    void finish(Lease lease, Lease.End why) {
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
