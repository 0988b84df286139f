package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.RuleAnswer;
import picocli.CommandLine.Command;

@Command(name = "rules", description = "The rules in the kernel, and what each has counted.")
final class RulesCommand extends AgentCommand {
    RulesCommand() {
        super(AdminCommand.RULES);
    }

    @Override
    void print(JsonElement result) {
        Table table = new Table("PACKETS", "BYTES", "RULE");
        for (RuleAnswer rule : Json.read(result, RuleAnswer[].class)) {
            table.row(rule.packets(), rule.bytes(), rule.comment());
        }
        print(table, "rules");
    }
}
