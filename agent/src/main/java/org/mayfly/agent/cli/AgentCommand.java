package org.mayfly.agent.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Json;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks the agent one thing and prints what it answers. */
abstract class AgentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    private final AdminCommand command;

    AgentCommand(AdminCommand command) {
        this.command = command;
    }

    @Override
    public Integer call() {
        JsonObject arguments = new JsonObject();
        arguments(arguments);
        JsonElement result = root().agent().call(command, arguments);
        if (root().json()) {
            out().println(Json.write(result));
        } else {
            print(result);
        }
        return ExitStatus.DONE;
    }

    /** Fills in what to ask with. */
    void arguments(JsonObject arguments) {}

    /** Prints for people. */
    abstract void print(JsonElement result);

    final CommandSpec spec() {
        return spec;
    }

    final Mayflyctl root() {
        return (Mayflyctl) spec.root().userObject();
    }

    final Times times() {
        return root().surroundings().times();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Prints a list; if it is empty, scripts get nothing and people a word. */
    final void print(Table table, String what) {
        table.print(out());
        if (table.isEmpty()) {
            note("no " + what);
        }
    }

    /** A word for people, where a person reads; scripts get silence. */
    final void note(String text) {
        if (root().surroundings().terminal()) {
            spec.commandLine().getErr().println(text);
        }
    }

    static void add(JsonObject arguments, String name, @Nullable String value) {
        if (value != null) {
            arguments.addProperty(name, value);
        }
    }

    static void add(JsonObject arguments, String name, List<String> values) {
        if (!values.isEmpty()) {
            JsonArray array = new JsonArray();
            values.forEach(array::add);
            arguments.add(name, array);
        }
    }
}
