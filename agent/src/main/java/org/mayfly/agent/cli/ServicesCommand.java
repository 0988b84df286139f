package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.ServiceAnswer;
import picocli.CommandLine.Command;

@Command(name = "services", description = "What stands behind the guard.")
final class ServicesCommand extends AgentCommand {
    ServicesCommand() {
        super(AdminCommand.SERVICES);
    }

    @Override
    void print(JsonElement result) {
        Table table = new Table("NAME", "PORT", "LEASE", "SESSION", "IPV4", "RELAY", "GATED", "LEASES");
        for (ServiceAnswer service : Json.read(result, ServiceAnswer[].class)) {
            table.row(
                    service.name(),
                    service.port() + "/" + service.protocol(),
                    service.lease(),
                    service.session(),
                    service.ipv4(),
                    service.relay() == null ? "-" : service.relay(),
                    service.gated() ? "yes" : "no",
                    service.leases());
        }
        print(table, "services");
    }
}
