package org.mayfly.agent.cli;

import com.google.gson.JsonParseException;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.ExitStatus;
import picocli.CommandLine;

/** What goes wrong is one line on standard error and an exit status; never a stack trace. */
final class Complaints {
    private Complaints() {}

    static CommandLine oneLine(CommandLine line) {
        line.setParameterExceptionHandler((e, arguments) -> {
            CommandLine command = e.getCommandLine();
            String hint = "; see: " + command.getCommandSpec().qualifiedName() + " --help";
            complain(command, e.getMessage() + hint);
            return ExitStatus.USAGE;
        });
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof AdminException refused) {
                complain(command, refused.getMessage());
                return refused.status();
            }
            if (e instanceof JsonParseException) {
                complain(command, "the agent's answer is of another shape; it is of another version: restart it");
                return ExitStatus.FAILED;
            }
            complain(command, "this is a fault in the program; please report it: " + e);
            return ExitStatus.FAILED;
        });
        return line;
    }

    private static void complain(CommandLine command, @Nullable String message) {
        String name = command.getCommandSpec().root().name();
        String line = String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", "; ");
        command.getErr().println(name + ": " + Table.printable(line));
    }
}
