package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three commands start from wherever they are called, and say so when there is no Java for them. */
final class LaunchersIT {
    private static final String JAVA = System.getProperty("java.home");

    @ParameterizedTest
    @ValueSource(strings = {"mayfly", "mayflyctl", "mayflyd"})
    void startsThroughASymbolicLinkAndFromAPathWithSpaces(String name, @TempDir Path temp) throws Exception {
        Path home = Files.createSymbolicLink(temp.resolve("a home"), Command.HOME.toAbsolutePath());
        Path link = Files.createSymbolicLink(
                temp.resolve("other name"), home.resolve("bin").resolve(name));

        Command help = Command.run(Map.of("MAYFLY_JAVA_HOME", JAVA), List.of(link.toString(), "--help"));

        assertEquals(0, help.status(), help::err);
        assertTrue(help.out().contains(name), help::out);
        assertEquals("", help.err());
    }

    @Test
    void theJavaNamedIsTheOneOrNone(@TempDir Path temp) throws Exception {
        Command none = start(Map.of("MAYFLY_JAVA_HOME", temp.toString()));

        assertEquals(1, none.status());
        assertEquals("mayfly: MAYFLY_JAVA_HOME=" + temp + " is not a Java 17 or later\n", none.err());
    }

    @Test
    void aJavaThatIsTooOldIsToldByItsReleaseFile(@TempDir Path temp) throws Exception {
        Path bin = Files.createDirectory(temp.resolve("bin"));
        // Would end with 0 if it were started.
        Files.createSymbolicLink(bin.resolve("java"), Path.of("/bin/true"));
        for (String old : List.of("1.8.0_412", "11.0.23", "16")) {
            Files.writeString(temp.resolve("release"), "IMPLEMENTOR=\"N\"\nJAVA_VERSION=\"" + old + "\"\n");
            assertEquals(1, start(Map.of("MAYFLY_JAVA_HOME", temp.toString())).status(), old);
        }
        for (String young : List.of("17", "17.0.15", "25-ea")) {
            Files.writeString(temp.resolve("release"), "JAVA_VERSION=\"" + young + "\"\n");
            assertEquals(0, start(Map.of("MAYFLY_JAVA_HOME", temp.toString())).status(), young);
        }
    }

    @Test
    void optionsOfTheUserWin() throws Exception {
        Command client = start(Map.of("MAYFLY_JAVA_HOME", JAVA, "MAYFLY_JAVA_OPTS", "-XX:-UseSerialGC -Xlog:gc+init"));

        assertTrue(!client.out().contains("Serial"), client::out);
    }

    /** 0 to 5 are statuses that mean something: after 2, 3 and 5 systemd does not start the agent again. */
    @Test
    void outOfMemoryEndsTheAgentAsNoFaultOfItsOwnDoes(@TempDir Path temp) throws Exception {
        List<String> words = List.of(
                "env",
                "-C",
                temp.toString(),
                Command.HOME.resolve("bin/mayflyd").toAbsolutePath().toString(),
                "--effective",
                "--config",
                "/dev/null");

        Command end = Command.run(Map.of("MAYFLY_JAVA_HOME", JAVA, "MAYFLY_JAVA_OPTS", "-Xms1m -Xmx2m"), words);

        assertTrue(end.out().contains("java.lang.OutOfMemoryError"), end::toString);
        assertEquals(128 + 6, end.status(), "SIGABRT");
        try (Stream<Path> left = Files.list(temp)) {
            assertEquals(List.of(), left.toList(), "a core, or a report");
        }
    }

    /** networkd ignores a setting that it does not know, and one outside of its section. */
    @Test
    void examplesForNetworkdAreInstalledAndSetOneThing() throws Exception {
        Path examples = Command.HOME.resolve("share/doc/mayfly/examples");
        assertEquals(List.of("[Network]", "KeepConfiguration=yes"), settings(examples.resolve("mayfly.network.conf")));
        assertEquals(
                List.of("[Network]", "ManageForeignRoutes=no"), settings(examples.resolve("mayfly.networkd.conf")));
    }

    private static List<String> settings(Path file) throws Exception {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static Command start(Map<String, String> environment) throws Exception {
        return Command.run(
                environment, List.of(Command.HOME.resolve("bin/mayfly").toString(), "version"));
    }
}
