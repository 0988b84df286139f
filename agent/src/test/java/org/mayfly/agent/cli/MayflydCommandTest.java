package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.admin.Version;

class MayflydCommandTest {
    private final List<Path> started = new ArrayList<>();

    private Told mayflyd(ConfigurationCheck.Report report, String... arguments) {
        Daemon daemon = path -> {
            started.add(path);
            return 3;
        };
        return Told.run(new MayflydCommand(daemon, file -> report).commandLine(), arguments);
    }

    private Told mayflyd(String... arguments) {
        return mayflyd(new ConfigurationCheck.Report(List.of(), List.of("no services"), "[door]\n"), arguments);
    }

    @Test
    void startsTheAgentWithTheConfigurationItIsTold() {
        assertEquals(new Told(3, "", ""), mayflyd("--config", "/tmp/m.toml"));
        mayflyd();
        assertEquals(List.of(Path.of("/tmp/m.toml"), Path.of("/etc/mayfly/mayflyd.toml")), started);
    }

    @Test
    void checksOrPrintsWithoutStarting() {
        assertEquals(new Told(0, "", "warning: no services\n"), mayflyd("--check"));
        assertEquals(new Told(0, "[door]\n", "warning: no services\n"), mayflyd("--effective"));
        ConfigurationCheck.Report wrong = new ConfigurationCheck.Report(List.of("/x:1:1: no"), List.of(), "");
        assertEquals(new Told(2, "", "/x:1:1: no\n"), mayflyd(wrong, "--check"));
        assertEquals(new Told(2, "", "/x:1:1: no\n"), mayflyd(wrong, "--effective", "--config", "/x"));
        assertEquals(List.of(), started);
    }

    @Test
    void tellsItsVersionAndComplainsInOneLine() {
        assertEquals(new Told(0, "mayflyd " + Version.text() + "\n", ""), mayflyd("--version"));
        assertTrue(mayflyd("--help").out().contains("--config"));
        assertEquals(new Told(2, "", "mayflyd: Unknown option: '--demon'; see: mayflyd --help\n"), mayflyd("--demon"));
        assertEquals(List.of(), started);
    }

    @Test
    void faultsAreOneLine() {
        Daemon broken = path -> {
            throw new IllegalStateException("a\nb");
        };
        Told told = Told.run(new MayflydCommand(broken, file -> new ConfigurationCheck.Report(List.of(), List.of(), ""))
                .commandLine());
        assertEquals(
                new Told(
                        1,
                        "",
                        "mayflyd: this is a fault in the program; please report it: java.lang.IllegalStateException:"
                                + " a; b\n"),
                told);
    }
}
