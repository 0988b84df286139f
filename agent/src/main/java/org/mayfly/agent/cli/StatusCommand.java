package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import java.io.PrintWriter;
import java.time.Duration;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.StatusAnswer;
import picocli.CommandLine.Command;

@Command(name = "status", description = "How the agent is. What mayflyctl does when told nothing else.")
final class StatusCommand extends AgentCommand {
    StatusCommand() {
        super(AdminCommand.STATUS);
    }

    @Override
    void print(JsonElement result) {
        StatusAnswer status = Json.read(result, StatusAnswer.class);
        Times times = times();
        PrintWriter out = out();
        long up = Math.max(0, Duration.between(status.since(), times.now()).toSeconds());
        out.println(
                "mayflyd " + Table.printable(status.version()) + ", pid " + status.pid() + ", up " + Times.span(up));
        Table table = new Table("", "");
        table.row("  doors", doors(status));
        table.row("  listen", String.join(", ", status.listen()));
        table.row("  gate", gate(status.gate()));
        table.row("  services", Integer.toString(status.services()));
        table.row("  clients", Integer.toString(status.clients()));
        table.row("  leases", leases(status));
        table.row("  knocks", knocks(status.knocks()));
        table.print(out);
        if (status.refusingUntil() != null) {
            out.println("warning: replay marks were lost; every knock is refused until "
                    + times.both(status.refusingUntil()));
        }
        status.warnings().forEach(warning -> out.println("warning: " + Table.printable(warning)));
    }

    private static String doors(StatusAnswer status) {
        if (status.prefix() == null) {
            return "none: " + (status.modeReason() == null ? "no prefix" : status.modeReason());
        }
        String on = status.interfaceName() == null ? "" : " on " + status.interfaceName();
        String why = status.modeReason() == null ? "" : " (" + status.modeReason() + ")";
        return status.prefix() + on + ", " + status.mode() + why;
    }

    private static String gate(StatusAnswer.Gate gate) {
        String where =
                switch (gate.inForce()) {
                    case "xdp" -> "xdp (SipHash on " + gate.interfaceName() + ", " + gate.xdp() + ")";
                    case "socket" -> "socket (SipHash in the kernel)";
                    case "length" -> "length (SipHash in the agent)";
                    default -> gate.inForce() + " (all in the agent)";
                };
        return Table.printable(gate.reason() == null ? where : where + "; no more: " + gate.reason());
    }

    private static String leases(StatusAnswer status) {
        StatusAnswer.Leases leases = status.leases();
        StatusAnswer.Doors doors = status.doors();
        return leases.pending() + " pending, " + leases.active() + " active, " + leases.session()
                + " in session; doors: " + doors.taken() + " of " + doors.limit();
    }

    private static String knocks(StatusAnswer.Knocks knocks) {
        String reasons = Table.counts(knocks.refused());
        long refused =
                knocks.refused().values().stream().mapToLong(Long::longValue).sum();
        return knocks.accepted() + " accepted, " + refused + " refused"
                + (reasons.isEmpty() ? "" : " (" + reasons + ")");
    }
}
