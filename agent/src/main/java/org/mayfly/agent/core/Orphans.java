package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.mayfly.knock.Ip6Prefix;

/**
 * Sessions that no lease accounts for, and that are cut: those of leases that were written down before a restart and are
 * not gone on with, since the client or the service is no more, and those of which nothing is known. A lease of the first
 * kind stays written down until it is done, so that the next start would cut them as well. And those that were relayed from
 * a prefix that is given up.
 */
final class Orphans {
    private static final long RETRY = Duration.ofSeconds(1).toNanos();

    private record Orphan(Permit permit, int slot) {}

    private final KernelPort kernel;
    private final LeaseBook book;
    private final LeaseTable leases;
    private final Trouble trouble;
    private final List<Orphan> orphans = new ArrayList<>();
    private final Set<Ip6Prefix> givenUp = new LinkedHashSet<>();
    private boolean strays;
    private long due = Long.MAX_VALUE;

    /**
     * @param leases the sessions of those cannot be told from an orphan's with the same permit or door
     */
    Orphans(KernelPort kernel, LeaseBook book, AgentListener listener, LeaseTable leases) {
        this.kernel = kernel;
        this.book = book;
        this.leases = leases;
        this.trouble = new Trouble(listener);
    }

    void add(Permit permit, int slot, long now) {
        orphans.add(new Orphan(permit, slot));
        due = now;
    }

    /** Sessions may be up of which nothing is known. */
    void strays(long now) {
        strays = true;
        due = now;
    }

    /** A prefix is not ours any more, or not for the same. */
    void givenUp(Ip6Prefix prefix, long now) {
        givenUp.add(prefix);
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

    /** Whether there may be sessions of which nothing is known. */
    boolean hasStrays() {
        return strays;
    }

    void cut(long now) {
        try {
            for (Iterator<Orphan> i = orphans.iterator(); i.hasNext(); ) {
                Orphan orphan = i.next();
                if (!leases.isTaken(orphan.permit)) {
                    kernel.cut(orphan.permit, LeaseBook.REMEMBERED);
                    book.cut(orphan.permit);
                }
                book.free(orphan.slot);
                i.remove();
            }
            if (strays) {
                kernel.cutOthers(leases::permitsTo);
                strays = false;
            }
            for (Iterator<Ip6Prefix> i = givenUp.iterator(); i.hasNext(); ) {
                kernel.cutWithin(i.next());
                i.remove();
            }
            trouble.isOver();
            due = Long.MAX_VALUE;
        } catch (KernelException e) {
            trouble.is("cannot end sessions that nobody accounts for, trying again: " + e.getMessage());
            due = now + RETRY;
        }
    }
}
