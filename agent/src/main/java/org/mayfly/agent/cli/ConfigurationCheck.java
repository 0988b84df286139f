package org.mayfly.agent.cli;

import java.nio.file.Path;
import java.util.List;

/** Looks a configuration file over, without an agent. */
public interface ConfigurationCheck {
    Report check(Path file);

    /**
     * @param errors one line each, with file, line and column where there is one
     * @param warnings likewise
     * @param effective everything in force, defaults included, as TOML; empty when there are errors
     */
    record Report(List<String> errors, List<String> warnings, String effective) {}
}
