package org.mayfly.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mayfly.agent.cli.ConfigurationCheck;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;

/** The check that the agent itself makes at its start: of the file, and against this machine. */
final class MachineCheck implements ConfigurationCheck {
    @Override
    public Report check(Path file) {
        try {
            Configuration c = Configuration.read(file);
            DoorChoice.choose(c, NetlinkMachine.look());
            return new Report(List.of(), c.warnings(), c.effective());
        } catch (ConfigurationException e) {
            return new Report(e.errors(), List.of(), "");
        } catch (IOException e) {
            return new Report(List.of("cannot look at this machine: " + e.getMessage()), List.of(), "");
        }
    }
}
