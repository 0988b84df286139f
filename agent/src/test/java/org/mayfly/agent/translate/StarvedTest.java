package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a descriptor left a question fails at once, and is asked again when there is one. */
final class StarvedTest {
    private static final int DESCRIPTORS = 256;

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "nio"})
    void failsAndRecovers(String transport) throws Exception {
        String java = "ulimit -n " + DESCRIPTORS + "; exec \"$0\" \"$@\"";
        Process child = new ProcessBuilder(
                        "sh",
                        "-c",
                        java,
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarvedChild.class.getName(),
                        transport)
                .redirectError(temp.resolve("log").toFile())
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, child.exitValue(), Files.readString(temp.resolve("log")));
        assertEquals(
                List.of("an answer on the loop", "nothing on the loop", "an answer on the loop"),
                said.lines().toList());
    }
}
