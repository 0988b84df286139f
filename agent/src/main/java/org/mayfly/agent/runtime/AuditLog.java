package org.mayfly.agent.runtime;

import java.util.EnumMap;
import java.util.Map;
import java.util.logging.Logger;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Verdict;

/**
 * One line an event. What anybody can cause without a key is only counted; what a client can cause is limited to a line
 * a minute for each kind of refusal, with the number of those that were left out.
 */
final class AuditLog implements AgentListener {
    private static final Logger LOG = Logger.getLogger("org.mayfly.agent.audit");
    private static final long MINUTE = 60_000_000_000L;

    private static final class Quiet {
        private long until = Long.MIN_VALUE;
        private long leftOut;
    }

    private final Clock clock;
    private final Map<Verdict, Quiet> quiet = new EnumMap<>(Verdict.class);

    AuditLog(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void opened(Lease lease) {
        LOG.info(() -> "lease " + lease.id() + " open: client " + lease.client() + ", service "
                + lease.service().name() + ", from " + source(lease.permit()) + ", for "
                + (lease.windowEnd() - clock.monotonicNanos() + 500_000_000L) / 1_000_000_000L + " s");
    }

    @Override
    public void changed(Lease lease) {
        // what matters of it is that it was opened, and that it ended
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        LOG.info(() -> "lease " + lease.id() + " ended: " + why);
    }

    @Override
    public void refused(Verdict verdict, String client) {
        Quiet q = quiet.computeIfAbsent(verdict, v -> new Quiet());
        long now = clock.monotonicNanos();
        if (q.until != Long.MIN_VALUE && now < q.until) {
            q.leftOut++;
            return;
        }
        String more = q.leftOut == 0 ? "" : " (and " + q.leftOut + " more of this kind since the last line)";
        q.until = now + MINUTE;
        q.leftOut = 0;
        LOG.warning(() -> "knock of client " + client + " refused: " + verdict + more);
    }

    @Override
    public void warning(String message) {
        LOG.warning(message);
    }

    /** The door itself stays out of the log: who reads it later learns no address. */
    private static String source(Permit permit) {
        return permit.sourceLength() == 128
                ? permit.source().toString()
                : permit.source() + "/" + permit.sourceLength();
    }
}
