package org.mayfly.agent.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "check", description = "Looks a configuration over; needs no agent. Status 2 if it is wrong.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The configuration.")
    private Path file;

    /**
     * What {@code --json} prints.
     *
     * @param ok whether an agent would take it
     * @param errors one line each: {@code FILE:LINE:COLUMN: what is wrong; what was expected}
     */
    record Answer(String file, boolean ok, List<String> errors, List<String> warnings) {}

    @Override
    public Integer call() {
        Mayflyctl root = (Mayflyctl) spec.root().userObject();
        ConfigurationCheck.Report report = root.configurationCheck().check(file);
        boolean ok = report.errors().isEmpty();
        PrintWriter err = spec.commandLine().getErr();
        if (root.json()) {
            Answer answer = new Answer(file.toString(), ok, report.errors(), report.warnings());
            spec.commandLine().getOut().println(Json.write(Json.of(answer)));
        } else {
            report.errors().forEach(line -> err.println(Table.printable(line)));
            report.warnings().forEach(line -> err.println("warning: " + Table.printable(line)));
        }
        if (ok && root.surroundings().terminal() && !root.json()) {
            err.println(file + " is in order");
        }
        return ok ? ExitStatus.DONE : ExitStatus.USAGE;
    }
}
