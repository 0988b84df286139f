package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The promise itself, with a real process and a real SIGKILL; and a disk that is really full. */
@Timeout(120)
class MarksKillTest {
    private static final int KILLS = 6;

    @TempDir
    Path directory = Path.of("");

    @Test
    void losesNothingToAKill() throws Exception {
        long[] told = new long[MarksChild.KEYS];
        for (int kill = 0; kill < KILLS; kill++) {
            Process child = start(command(directory));
            try (BufferedReader out = child.inputReader(StandardCharsets.US_ASCII)) {
                assertEquals("true", out.readLine(), "not trusted after kill " + kill);
                for (int i = 0; i < 500 + 1777 * kill; i++) {
                    told(told, out.readLine());
                }
                child.toHandle().destroyForcibly(); // Process.destroyForcibly closes the pipe
                out.lines().forEach(line -> told(told, line)); // what it had said before it died
            }
            assertEquals(128 + 9, child.waitFor(), "SIGKILL");
            try (MarksFile marks = MarksFile.open(directory, 4096, false)) {
                assertTrue(marks.trusted(), marks.note());
                for (int key = 0; key < told.length; key++) {
                    long kept = marks.stamp(marks.slot(key));
                    assertTrue(kept >= told[key], "key " + key + ": " + kept + " kept, " + told[key] + " told");
                }
            }
        }
    }

    private static void told(long[] told, String line) {
        // The last line may be half of one: a shorter and so a lower number, or nothing.
        if (!line.isEmpty()) {
            long stamp = Long.parseLong(line);
            int key = (int) (stamp % told.length);
            told[key] = Math.max(told[key], stamp);
        }
    }

    @Test
    void doesNotStartOnAFullDisk() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=64k,mode=700 none \"$0\" || exit 77; exec \"$@\""));
        command.add(directory.toString());
        command.addAll(command(directory));
        Process child = start(command);
        String said;
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            said = String.valueOf(out.readLine());
        }
        int status = child.waitFor();
        if (status == 1 || status == 77) {
            cannot("no private mount namespace here: " + said);
        }
        assertTrue(said.startsWith("replay marks cannot be kept"), said);
        assertTrue(said.endsWith("No space left on device"), said);
    }

    private static void cannot(String why) {
        if (System.getProperty("mayfly.kernel", "optional").equals("required")) {
            throw new AssertionError(why);
        }
        System.err.println("SKIPPED: " + why);
        Assumptions.abort(why);
    }

    private static List<String> command(Path directory) {
        return Arrays.asList(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                MarksChild.class.getName(),
                directory.toString());
    }

    private static Process start(List<String> command) throws IOException {
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        child.onExit().orTimeout(100, TimeUnit.SECONDS).whenComplete((p, e) -> child.destroyForcibly());
        return child;
    }
}
