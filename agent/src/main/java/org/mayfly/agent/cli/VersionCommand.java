package org.mayfly.agent.cli;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", description = "The version of mayflyctl; 'status' tells that of the agent.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (((Mayflyctl) spec.root().userObject()).json()) {
            JsonObject version = new JsonObject();
            version.addProperty("version", Version.text());
            spec.commandLine().getOut().println(Json.write(version));
        } else {
            spec.commandLine().getOut().println("mayflyctl " + Version.text());
        }
        return ExitStatus.DONE;
    }
}
