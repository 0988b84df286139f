package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.EventAnswer;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Json;
import picocli.CommandLine.Command;

@Command(
        name = "monitor",
        description = "Tells what happens, as it happens, until interrupted: leases, refused knocks, what others do to"
                + " what is the agent's. Of the leases there are already it tells nothing; see: mayflyctl leases.",
        footer = {
            "",
            "With --json it prints one object a line. The first has the event \"watching\": nothing that happens after it"
                    + " is missed. An event \"lost\" says how many were left out because they were not read fast enough.",
            "It ends with status 1 when the agent stops."
        })
final class MonitorCommand extends AgentCommand {
    MonitorCommand() {
        super(AdminCommand.MONITOR);
    }

    @Override
    public Integer call() {
        root().agent().follow(AdminCommand.MONITOR, new JsonObject(), this::told);
        return ExitStatus.DONE;
    }

    /** Prints it at once; false when nobody reads what is printed. */
    private boolean told(JsonElement result) {
        if (root().json()) {
            out().println(Json.write(result));
        } else {
            print(result);
        }
        return !out().checkError();
    }

    @Override
    void print(JsonElement result) {
        EventAnswer e = Json.read(result, EventAnswer.class);
        if (e.event().equals("watching")) {
            note("telling what happens from now on; Ctrl-C ends it");
        } else {
            String line = times().full(e.time()) + "  " + padded(e.event(), 9) + "  " + rest(e);
            out().println(Table.printable(line.stripTrailing()));
        }
    }

    private String rest(EventAnswer e) {
        if (e.client() == null) {
            return plain(e);
        }
        List<String> cells = new ArrayList<>();
        cells.add(padded(e.id(), 8));
        cells.add(padded(e.client(), 12));
        cells.add(padded(e.service(), 8));
        cells.add(e.id() == null || e.event().equals("ended") ? words(e.reason()) : door(e));
        return String.join("  ", cells);
    }

    private static String plain(EventAnswer e) {
        if (e.count() != null) {
            return e.count() + (e.count() == 1 ? " event was" : " events were") + " not read fast enough";
        }
        return e.message() != null ? e.message() : words(e.reason());
    }

    private String door(EventAnswer e) {
        String door = e.door() == null ? "every IPv4 address" : e.door();
        boolean over = e.event().equals("session");
        Instant until = over ? e.sessionUntil() : e.expires();
        return door + " " + e.port() + "/" + e.protocol() + " from " + e.source()
                + (over ? "; its sessions until " : " until ")
                + (until == null ? "-" : new Times(e.time(), times().zone()).local(until));
    }

    private static String words(@Nullable String reason) {
        return reason == null ? "" : reason.replace('_', ' ');
    }

    private static String padded(@Nullable String text, int width) {
        String cell = text == null ? "-" : text;
        return cell + " ".repeat(Math.max(0, width - cell.codePointCount(0, cell.length())));
    }
}
