package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import java.time.Instant;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.LeaseAnswer;
import picocli.CommandLine.Command;

@Command(name = "leases", description = "The doors that are open, and the sessions that came through one.")
final class LeasesCommand extends AgentCommand {
    LeasesCommand() {
        super(AdminCommand.LEASES);
    }

    @Override
    void print(JsonElement result) {
        Times times = times();
        Table table = new Table("ID", "CLIENT", "SERVICE", "DOOR", "PORT", "SOURCE", "STATE", "UNTIL", "SESSIONS");
        for (LeaseAnswer lease : Json.read(result, LeaseAnswer[].class)) {
            Instant until = lease.state().equals("session") ? lease.sessionUntil() : lease.expires();
            table.row(
                    lease.id(),
                    lease.client(),
                    lease.service(),
                    lease.door(),
                    lease.port() + "/" + lease.protocol(),
                    lease.source(),
                    lease.state(),
                    times.both(until),
                    lease.sessions());
        }
        print(table, "leases");
    }
}
