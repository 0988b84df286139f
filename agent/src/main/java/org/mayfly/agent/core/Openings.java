package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What begins leases: at once, or all of a burst of knocks together. */
final class Openings {
    /** Odd: 2^32 divided by the golden ratio. */
    private static final int ID_STEP = 0x9e3779b9;

    private final KernelPort kernel;
    private final LeaseTable table;
    private final LeaseBook book;
    private final Schedule schedule;
    private final Windows windows;
    private final Clock clock;
    private final AgentListener listener;

    private int lastId;

    /** In the table already, so that nobody else gets their doors; what the kernel is to be told of each is beside it. */
    private List<Lease> admitted = new ArrayList<>();

    private List<KernelPort.Opening> wanted = new ArrayList<>();

    Openings(
            KernelPort kernel,
            LeaseTable table,
            LeaseBook book,
            Schedule schedule,
            Windows windows,
            Clock clock,
            RandomGenerator random,
            AgentListener listener) {
        this.kernel = kernel;
        this.table = table;
        this.book = book;
        this.schedule = schedule;
        this.windows = windows;
        this.clock = clock;
        this.lastId = random.nextInt();
        this.listener = listener;
    }

    /**
     * Opens a lease.
     *
     * @param key the id of the key that asked for it; 0 for an administrator
     */
    Lease open(ClientState client, Service service, long key, Permit permit, Duration window) throws KernelException {
        List<Lease> sharing = permit.isIpv4() ? table.sharing(permit) : List.of();
        long before = clock.monotonicNanos();
        Duration longest = window;
        for (Lease other : sharing) {
            longest = LeaseTable.longer(longest, other.openFor(before));
        }
        boolean ready = kernel.open(permit, longest);
        if (!sharing.isEmpty()) {
            windows.opened(before);
        }
        for (Lease other : sharing) {
            if (other.holder() == client) {
                renew(other, service, key, window);
                return other;
            }
        }
        Lease lease = lease(client, service, key, permit);
        table.add(lease);
        begin(lease, window, ready);
        return lease;
    }

    /** Keeps a door for a lease that {@link #openAdmitted} opens. Not on IPv4, where others share the permit. */
    void admit(ClientState client, Service service, long key, Permit permit, Duration window) {
        Lease lease = lease(client, service, key, permit);
        table.add(lease);
        admitted.add(lease);
        wanted.add(new KernelPort.Opening(permit, window));
    }

    private Lease lease(ClientState client, Service service, long key, Permit permit) {
        return new Lease(newId(), client, service, key, permit, 0);
    }

    /**
     * Opens all that was admitted. Best before anything else is done with leases.
     *
     * @param refused hears of those that the kernel did not open
     * @return how many that are
     */
    int openAdmitted(BiConsumer<Lease, KernelException> refused) {
        if (admitted.isEmpty()) {
            return 0;
        }
        List<Lease> leases = admitted;
        List<KernelPort.Opening> openings = wanted;
        admitted = new ArrayList<>();
        wanted = new ArrayList<>();
        List<KernelPort.Opened> results = open(openings);
        int failures = 0;
        for (int i = 0; i < leases.size(); i++) {
            Lease lease = leases.get(i);
            KernelException failure = begun(lease, openings.get(i).window(), results.get(i));
            if (failure != null) {
                failures++;
                refused.accept(lease, failure);
            }
        }
        return failures;
    }

    /** A defect is a refusal, too: a lease that nobody has begun would keep its door for ever. */
    private List<KernelPort.Opened> open(List<KernelPort.Opening> openings) {
        KernelException failure;
        try {
            return kernel.open(openings);
        } catch (KernelException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            failure = defect(e);
        }
        return Collections.nCopies(openings.size(), KernelPort.Opened.failed(failure));
    }

    /** @return why it was not; null if it was */
    private @Nullable KernelException begun(Lease lease, Duration window, KernelPort.Opened opened) {
        KernelException failure = opened.failure();
        try {
            if (failure == null) {
                begin(lease, window, opened.ready());
                lease.holder().knocked(clock.wallNanos());
            }
        } catch (RuntimeException | Error e) {
            failure = defect(e);
        }
        if (failure != null) {
            table.remove(lease);
        }
        return failure;
    }

    private static KernelException defect(Throwable e) {
        return new KernelException("a defect in the agent: " + e, e);
    }

    private void begin(Lease lease, Duration window, boolean ready) {
        book.forgive(lease.permit());
        long now = clock.monotonicNanos(); // the kernel counts from before this, however long it took
        lease.opened(now);
        start(lease, window, ready, now);
        listener.opened(lease);
    }

    private void renew(Lease lease, Service service, long key, Duration window) {
        book.forgive(lease.permit());
        long now = clock.monotonicNanos();
        Duration longer = LeaseTable.longer(window, lease.openFor(now));
        lease.renewed(service, key);
        start(lease, longer, true, now);
        listener.renewed(lease);
    }

    private void start(Lease lease, Duration window, boolean ready, long now) {
        lease.window(now, window.toNanos(), ready);
        long over = lease.windowOver();
        schedule.put(lease, ready ? over : Math.min(over, now + Leases.READY_LOOK));
        book.write(lease);
    }

    /** Each id comes once before any comes again, and neighbours look different: nobody is to revoke the wrong one. */
    private int newId() {
        do {
            lastId += ID_STEP;
        } while (table.find(lastId) != null);
        return lastId;
    }
}
