package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import java.util.TreeMap;
import org.mayfly.agent.admin.AdminCommand;
import picocli.CommandLine.Command;

@Command(name = "metrics", description = "All that is counted, one name and number a line.")
final class MetricsCommand extends AgentCommand {
    MetricsCommand() {
        super(AdminCommand.METRICS);
    }

    @Override
    void print(JsonElement result) {
        new TreeMap<>(result.getAsJsonObject().asMap())
                .forEach((name, number) -> out().println(Table.printable(name + " " + number.getAsString())));
    }
}
