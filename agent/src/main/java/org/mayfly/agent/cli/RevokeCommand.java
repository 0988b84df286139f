package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.RevokeAnswer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(name = "revoke", description = "Ends leases at once, and cuts their sessions.")
final class RevokeCommand extends AgentCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "LEASE|CLIENT",
            description = "One lease, by its id, or all leases of a client.")
    private @Nullable String target;

    @Option(names = "--all", description = "Every lease there is.")
    private boolean all;

    RevokeCommand() {
        super(AdminCommand.REVOKE);
    }

    @Override
    void arguments(JsonObject arguments) {
        if (all == (target != null)) {
            throw new ParameterException(
                    spec().commandLine(), "Name a lease or a client, or say --all: one of these, not both");
        }
        add(arguments, "target", target);
        if (all) {
            arguments.addProperty("all", true);
        }
    }

    @Override
    void print(JsonElement result) {
        RevokeAnswer answer = Json.read(result, RevokeAnswer.class);
        answer.revoked().forEach(id -> out().println(Table.printable(id)));
        note(summary(answer));
    }

    static String summary(RevokeAnswer answer) {
        int leases = answer.revoked().size();
        int cut = answer.sessionsCut();
        return "ended " + leases + (leases == 1 ? " lease" : " leases") + ", cut " + cut
                + (cut == 1 ? " session" : " sessions");
    }
}
