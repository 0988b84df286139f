package org.mayfly.agent.runtime;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.mayfly.agent.core.Clock;

/** Tells in the log, and those who monitor, of where doors go: of what is not well about it once, until that differs. On the loop. */
final class DoorNews {
    private static final Logger LOG = Logger.getLogger(DoorNews.class.getName());

    /** Lines a minute. Whoever is on the link can advertise another prefix every second. */
    private static final int LINES = 10;

    private final Monitors monitors;
    private final LineLimit limit;
    private String problem = "";

    DoorNews(Monitors monitors, Clock clock) {
        this.monitors = monitors;
        this.limit = new LineLimit(clock, LINES);
    }

    /** What is not well at the time, for {@code status}; empty if all is. */
    String problem() {
        return problem;
    }

    /** @param line what is not well from now on; empty if all is */
    void problem(String line) {
        boolean news = !line.equals(problem) && !line.isEmpty();
        problem = line;
        if (news) {
            tell(Level.WARNING, line);
        }
    }

    void moved(String line) {
        tell(Level.INFO, line);
    }

    private void tell(Level level, String line) {
        if (limit.admits()) {
            long more = limit.takeLeftOut();
            LOG.log(level, more == 0 ? line : line + " (and " + more + " more such news since the last line)");
        }
        monitors.warning(line);
    }
}
