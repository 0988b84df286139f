package org.mayfly.agent.runtime;

import java.util.function.Supplier;
import java.util.logging.Logger;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.net.TcpCounts;

/** Tells in the log of connections that somebody opens for nothing, by what was counted: a line a minute. On the loop. */
final class TcpNews {
    private static final Logger LOG = Logger.getLogger(TcpNews.class.getName());

    private final Supplier<TcpCounts> counts;
    private final LineLimit limit;
    private long evicted;
    private long failures;

    TcpNews(Supplier<TcpCounts> counts, Clock clock) {
        this.counts = counts;
        this.limit = new LineLimit(clock, 1);
    }

    /** To be called now and then. */
    void look() {
        TcpCounts now = counts.get();
        boolean news = now.evicted() > evicted || now.failures() > failures;
        if (!news || !limit.admits()) {
            return;
        }
        String failed = now.failures() == failures
                ? ""
                : "; accept(2) failed " + (now.failures() - failures)
                        + " times, for want of descriptors most likely: see LimitNOFILE=";
        LOG.warning("somebody opens TCP connections and does not knock: " + (now.evicted() - evicted)
                + " made room for newer ones since the last line" + failed);
        evicted = now.evicted();
        failures = now.failures();
    }
}
