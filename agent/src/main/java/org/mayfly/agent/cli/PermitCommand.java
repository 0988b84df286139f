package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.PermitAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "permit", description = "Opens a door without a knock, and prints the door.")
final class PermitCommand extends AgentCommand {
    @Parameters(index = "0", paramLabel = "CLIENT", description = "For whom: the door counts as one of its leases.")
    private String client;

    @Parameters(index = "1", paramLabel = "SERVICE", description = "What it leads to.")
    private String service;

    @Option(
            names = "--source",
            paramLabel = "ADDR",
            description = "The address that may come. Without it: anybody who is told the door.")
    private @Nullable String source;

    @Option(
            names = "--lease",
            paramLabel = "DUR",
            description = "How long, such as 30s or 5m. Without it: as the service is configured.")
    private @Nullable String lease;

    PermitCommand() {
        super(AdminCommand.PERMIT);
    }

    @Override
    void arguments(JsonObject arguments) {
        add(arguments, "client", client);
        add(arguments, "service", service);
        add(arguments, "source", source);
        add(arguments, "lease", lease);
    }

    @Override
    void print(JsonElement result) {
        PermitAnswer permit = Json.read(result, PermitAnswer.class);
        if (permit.door() != null) {
            out().println(Table.printable(permit.door()));
        } else {
            note("open on every IPv4 address of the host");
        }
    }
}
