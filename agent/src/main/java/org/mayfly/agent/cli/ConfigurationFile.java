package org.mayfly.agent.cli;

import java.nio.file.Path;
import java.util.List;

/** The check by the parser that the agent itself uses. */
final class ConfigurationFile implements ConfigurationCheck {
    @Override
    public Report check(Path file) {
        return new Report(List.of(file + ": this build has no configuration parser yet"), List.of(), "");
    }
}
