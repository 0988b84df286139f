package org.mayfly.agent.cli;

import java.nio.file.Path;
import java.util.List;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;

/** The check by the parser that the agent itself uses. */
final class ConfigurationFile implements ConfigurationCheck {
    @Override
    public Report check(Path file) {
        try {
            Configuration c = Configuration.read(file);
            return new Report(List.of(), c.warnings(), c.effective());
        } catch (ConfigurationException e) {
            return new Report(e.errors(), List.of(), "");
        }
    }
}
