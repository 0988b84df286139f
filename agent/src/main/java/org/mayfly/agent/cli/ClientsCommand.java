package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.ClientAnswer;
import org.mayfly.agent.admin.Json;
import picocli.CommandLine.Command;

@Command(name = "clients", description = "Who may knock.")
class ClientsCommand extends AgentCommand {
    ClientsCommand() {
        super(AdminCommand.CLIENTS);
    }

    @Override
    void print(JsonElement result) {
        Times times = times();
        Table table = new Table("NAME", "SERVICES", "SOURCE", "KEYS", "LEASES", "REFUSED", "LAST KNOCK");
        for (ClientAnswer client : Json.read(result, ClientAnswer[].class)) {
            table.row(
                    client.name(),
                    String.join(",", client.services()),
                    client.source(),
                    client.keys().size(),
                    client.leases() + "/" + client.quota(),
                    Table.counts(client.refused()),
                    client.lastKnock() == null ? null : times.both(client.lastKnock()));
        }
        print(table, "clients");
    }

    /** The same, where one looks for it beside {@code client add}. */
    @Command(name = "list", description = "Lists all clients, as 'mayflyctl clients' does.")
    static final class InGroup extends ClientsCommand {}
}
