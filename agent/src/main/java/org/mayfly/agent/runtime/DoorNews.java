package org.mayfly.agent.runtime;

import java.util.logging.Logger;

/** Tells in the log, and those who monitor, of where doors go: of what is not well about it once, until that differs. On the loop. */
final class DoorNews {
    private static final Logger LOG = Logger.getLogger(DoorNews.class.getName());

    private final Monitors monitors;
    private String problem = "";

    DoorNews(Monitors monitors) {
        this.monitors = monitors;
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
            LOG.warning(line);
            monitors.warning(line);
        }
    }

    void moved(String line) {
        LOG.info(line);
        monitors.warning(line);
    }
}
