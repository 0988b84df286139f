package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What was written down before a restart and is not gone on with: of a client or a service that is no more. Sessions may be
 * left of it, and are cut; until they are, it stays written down, so that the next start would cut them as well.
 */
final class Orphans {
    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    private record Orphan(Permit permit, int slot) {}

    private final KernelPort kernel;
    private final LeaseBook book;
    private final AgentListener listener;
    private final Predicate<Permit> isTaken;
    private final List<Orphan> orphans = new ArrayList<>();
    private long due = Long.MAX_VALUE;

    /**
     * @param isTaken whether a live lease has the permit or its door: its sessions cannot be told from the orphan's
     */
    Orphans(KernelPort kernel, LeaseBook book, AgentListener listener, Predicate<Permit> isTaken) {
        this.kernel = kernel;
        this.book = book;
        this.listener = listener;
        this.isTaken = isTaken;
    }

    void add(Permit permit, int slot, long now) {
        orphans.add(new Orphan(permit, slot));
        due = now;
    }

    /** When {@link #tick} has something to do; {@link Long#MAX_VALUE} for never. */
    long due() {
        return due;
    }

    void tick(long now) {
        if (now >= due) {
            cut(now);
        }
    }

    /** Those that are still to be cut. */
    Set<Permit> permits() {
        return orphans.stream().map(Orphan::permit).collect(Collectors.toSet());
    }

    void cut(long now) {
        for (Iterator<Orphan> i = orphans.iterator(); i.hasNext(); ) {
            Orphan orphan = i.next();
            try {
                if (!isTaken.test(orphan.permit)) {
                    kernel.cut(orphan.permit, LeaseBook.REMEMBERED);
                    book.cut(orphan.permit, now);
                }
                book.free(orphan.slot);
                i.remove();
            } catch (KernelException e) {
                listener.warning("cannot end the sessions of a lease from before, trying again: " + e.getMessage());
                break;
            }
        }
        due = orphans.isEmpty() ? Long.MAX_VALUE : now + RETRY;
    }
}
