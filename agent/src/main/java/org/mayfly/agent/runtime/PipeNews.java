package org.mayfly.agent.runtime;

import java.util.function.Supplier;
import java.util.logging.Logger;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.relay.PipeCounts;

/** Tells in the log of connections that led nowhere, by what was counted: a line a minute. On the loop. */
final class PipeNews {
    private static final Logger LOG = Logger.getLogger(PipeNews.class.getName());

    private final Supplier<PipeCounts> counts;
    private final LineLimit limit;
    private long failed;
    private long evicted;
    private long refused;

    PipeNews(Supplier<PipeCounts> counts, Clock clock) {
        this.counts = counts;
        this.limit = new LineLimit(clock, 1);
    }

    /** To be called now and then. */
    void look() {
        PipeCounts now = counts.get();
        boolean news = now.failed() > failed || now.evicted() > evicted || now.refused() > refused;
        if (!news || !limit.admits()) {
            return;
        }
        LOG.warning("connections through the shared port or a relay were reset since the last line: "
                + (now.failed() - failed) + " as the backend took none, "
                + (now.evicted() - evicted + now.refused() - refused) + " as there were too many (see [relay] limit)");
        failed = now.failed();
        evicted = now.evicted();
        refused = now.refused();
    }
}
