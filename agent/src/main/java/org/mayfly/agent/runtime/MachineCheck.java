package org.mayfly.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.cli.ConfigurationCheck;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Machine;

/** The check that the agent itself makes at its start: of the file, and against this machine. */
final class MachineCheck implements ConfigurationCheck {
    @Override
    public Report check(Path file) {
        try {
            Configuration c = Configuration.read(file);
            Machine machine = NetlinkMachine.look();
            OwnAddresses.check(c, machine, DoorChoice.choose(c, machine));
            List<String> warnings = new ArrayList<>(c.warnings());
            c.relaying().translating().warning(machine).ifPresent(warnings::add);
            return new Report(List.of(), warnings, c.effective());
        } catch (ConfigurationException e) {
            return new Report(e.errors(), List.of(), "");
        } catch (IOException e) {
            return new Report(List.of("cannot look at this machine: " + e.getMessage()), List.of(), "");
        }
    }
}
