package org.mayfly.agent.cli;

import java.nio.file.Path;

/** The agent, as its command line starts it. */
public interface Daemon {
    /**
     * Runs until it is told to stop.
     *
     * @return the exit status; what was wrong has been said on standard error
     */
    int run(Path configuration);
}
