package org.mayfly.agent.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.logging.Logger;
import java.util.regex.Pattern;
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
    /** Lines a minute for each kind of warning. */
    private static final int WARNINGS = 5;

    /** Warnings that begin alike are of a kind: what follows names the client, the errno. */
    private static final int ALIKE = 24;

    /** A lease, an address, a number: whichever it is, the warning is of the same kind. */
    private static final Pattern NAME = Pattern.compile("\\b(?:[0-9a-f]{8}|[\\w:.-]*\\d[\\w:.-]*)(?!\\w)");

    /** Kinds of warnings there may be; those that come later are of one kind together. */
    private static final int KINDS = 40;

    private static final String OTHERS = "other";

    private final Clock clock;
    private final Logger log;
    private final LeaseLines leases;
    private final RefusalLines refusals;
    private final Map<String, LineLimit> warnings = new HashMap<>();

    /** @param log where the lines go */
    AuditLog(Clock clock, Logger log) {
        this.clock = clock;
        this.log = log;
        this.leases = new LeaseLines(clock);
        this.refusals = new RefusalLines(clock);
    }

    /** The log of what is done to the leases of this machine. */
    static Logger logger() {
        return Logger.getLogger("org.mayfly.agent.audit");
    }

    @Override
    public void opened(Lease lease) {
        tellRestOfLeases();
        if (leases.admitsOpened(lease.client())) {
            log.info(() -> "lease " + lease.id() + " open: client " + lease.client() + ", service "
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
            log.info(() -> "lease " + lease.id() + " ended: " + why);
        }
    }

    @Override
    public void refused(Verdict verdict, String client) {
        tellRestOfRefusals();
        if (refusals.admits(verdict, client)) {
            log.warning("knock of client " + client + " refused: " + verdict);
        }
    }

    @Override
    public void warning(String message) {
        LineLimit limit = warnings.computeIfAbsent(kind(message), kind -> new LineLimit(clock, WARNINGS));
        if (limit.admits()) {
            long more = limit.takeLeftOut();
            log.warning(message + (more == 0 ? "" : " (and " + more + " more like this since the last line)"));
        }
    }

    private String kind(String message) {
        String begin = NAME.matcher(beginning(message, 2 * ALIKE)).replaceAll("…");
        String kind = beginning(begin, ALIKE);
        return warnings.size() < KINDS || warnings.containsKey(kind) ? kind : OTHERS;
    }

    private static String beginning(String text, int length) {
        return text.substring(0, Math.min(length, text.length()));
    }

    /** Tells what was left out of minutes that are over. To be called now and then. */
    void tellRest() {
        tellRestOfLeases();
        tellRestOfRefusals();
        warnings.forEach((kind, limit) -> {
            long more = limit.takeLeftOut();
            if (more > 0) {
                log.warning("since the last line of this kind " + more + " more warnings: " + kind + "…");
            }
        });
    }

    private void tellRestOfRefusals() {
        String rest = refusals.rest();
        if (!rest.isEmpty()) {
            log.warning(rest);
        }
    }

    private void tellRestOfLeases() {
        String rest = leases.rest();
        if (!rest.isEmpty()) {
            log.info(rest);
        }
    }

    /** The door itself stays out of the log: who reads it later learns no address. */
    private static String source(Permit permit) {
        return permit.sourceLength() == 128
                ? permit.source().toString()
                : permit.source() + "/" + permit.sourceLength();
    }
}
