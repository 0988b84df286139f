package org.mayfly.agent.runtime;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Logger;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Verdict;

/**
 * One line an event, within limits: what anybody can cause without a key is only counted, and of what a client can cause
 * there are a few lines a minute, and the number of those that were left out. On the loop.
 */
final class AuditLog implements AgentListener {
    private static final Logger LOG = Logger.getLogger("org.mayfly.agent.audit");

    /** Lines a minute for each kind of refusal. */
    private static final int REFUSALS = 1;

    /** Lines a minute for each kind of warning. */
    private static final int WARNINGS = 5;

    /** Warnings that begin alike are of a kind: what follows names the lease, the client, the errno. */
    private static final int ALIKE = 24;

    private final Clock clock;
    private final LeaseLines leases;
    private final Map<Verdict, LineLimit> refusals = new EnumMap<>(Verdict.class);
    private final Map<String, LineLimit> warnings = new HashMap<>();

    AuditLog(Clock clock) {
        this.clock = clock;
        this.leases = new LeaseLines(clock);
    }

    @Override
    public void opened(Lease lease) {
        tellRestOfLeases();
        if (leases.admitsOpened(lease.client())) {
            LOG.info(() -> "lease " + lease.id() + " open: client " + lease.client() + ", service "
                    + lease.service().name() + ", from " + source(lease.permit()) + ", for "
                    + (lease.windowEnd() - clock.monotonicNanos() + 500_000_000L) / 1_000_000_000L + " s");
        }
    }

    @Override
    public void changed(Lease lease) {
        // what matters of it is that it was opened, and that it ended
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        tellRestOfLeases();
        if (leases.admitsEnded(lease.client())) {
            LOG.info(() -> "lease " + lease.id() + " ended: " + why);
        }
    }

    @Override
    public void refused(Verdict verdict, String client) {
        LineLimit limit = refusals.get(verdict);
        if (limit == null) {
            limit = new LineLimit(clock, REFUSALS);
            refusals.put(verdict, limit);
        }
        if (limit.admits()) {
            long more = limit.takeLeftOut();
            LOG.warning("knock of client " + client + " refused: " + verdict
                    + (more == 0 ? "" : " (and " + more + " more of this kind since the last line)"));
        }
    }

    @Override
    public void warning(String message) {
        LineLimit limit = warnings.computeIfAbsent(alike(message), kind -> new LineLimit(clock, WARNINGS));
        if (limit.admits()) {
            long more = limit.takeLeftOut();
            LOG.warning(message + (more == 0 ? "" : " (and " + more + " more like this since the last line)"));
        }
    }

    private static String alike(String message) {
        return message.substring(0, Math.min(ALIKE, message.length()));
    }

    /** Tells what was left out of minutes that are over. To be called now and then. */
    void tellRest() {
        tellRestOfLeases();
        refusals.forEach((verdict, limit) -> {
            long more = limit.takeLeftOut();
            if (more > 0) {
                LOG.warning("since the last line of this kind " + more + " more knocks refused: " + verdict);
            }
        });
        warnings.forEach((kind, limit) -> {
            long more = limit.takeLeftOut();
            if (more > 0) {
                LOG.warning("since the last line of this kind " + more + " more warnings: " + kind + "…");
            }
        });
    }

    private void tellRestOfLeases() {
        String rest = leases.rest();
        if (!rest.isEmpty()) {
            LOG.info(rest);
        }
    }

    /** The door itself stays out of the log: who reads it later learns no address. */
    private static String source(Permit permit) {
        return permit.sourceLength() == 128
                ? permit.source().toString()
                : permit.source() + "/" + permit.sourceLength();
    }
}
