package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.ReloadAnswer;
import picocli.CommandLine.Command;

@Command(
        name = "reload",
        description = "Has the agent read its configuration and its clients again. Leases stay; on an error, so does"
                + " the configuration that is in force.")
final class ReloadCommand extends AgentCommand {
    ReloadCommand() {
        super(AdminCommand.RELOAD);
    }

    @Override
    void print(JsonElement result) {
        ReloadAnswer answer = Json.read(result, ReloadAnswer.class);
        answer.changed().forEach(line -> out().println(Table.printable(line)));
        if (answer.changed().isEmpty()) {
            note("nothing has changed");
        }
    }
}
