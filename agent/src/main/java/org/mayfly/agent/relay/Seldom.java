package org.mayfly.agent.relay;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Logger;

/** Warnings of which one a minute is enough, as whatever is wrong is so for every client that comes. */
final class Seldom {
    private static final Logger LOG = Logger.getLogger(Seldom.class.getName());
    private static final long PAUSE = TimeUnit.MINUTES.toNanos(1);

    private boolean told;
    private long toldAt;

    void tell(Supplier<String> line) {
        long now = System.nanoTime();
        if (!told || now - toldAt > PAUSE) {
            told = true;
            toldAt = now;
            LOG.warning(line);
        }
    }
}
