package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are really full, read-only or failing: what becomes of what has to be written down. */
@Timeout(120)
class SmallDiskTest {
    private static final String NO_MARKS = "replay marks cannot be kept, and without them nothing is let in: ";
    private static final String TMPFS = "mount -t tmpfs -o size=256k,mode=700 none \"$0\" || exit 77; exec \"$@\"";
    private static final String EXT4 = """
            truncate -s 16M "$0/image" && mkfs.ext4 -q "$0/image" && mkdir -m 700 "$0/disk" &&
            mount -o loop "$0/image" "$0/disk" && chmod 700 "$0/disk" || exit 77
            "$@"; status=$?; umount "$0/disk"; exit $status""";

    @TempDir
    Path directory = Path.of("");

    @Test
    void fullAtTheStart() throws Exception {
        String full = ": No space left on device";
        assertEquals(
                List.of(
                        "marks false " + NO_MARKS + file("marks") + full,
                        "still false false",
                        "leases leases cannot be written down: " + file("leases") + full,
                        "retry false",
                        "room true  false",
                        "retry true ",
                        "written [00000003]",
                        "written []"),
                played("fullAtTheStart"));
    }

    @Test
    void fullWhileItRuns() throws Exception {
        assertEquals(
                List.of(
                        "marks true",
                        "leases true leases cannot be written down: " + file("leases") + ": No space left on device",
                        "next true true 1099 31"),
                played("fullWhileItRuns"));
    }

    @Test
    void whatIsGrantedWhileItIsFullIsWrittenOnceThereIsRoom() throws Exception {
        assertEquals(
                List.of(
                        "full false leases cannot be written down: " + file("leases") + ": No space left on device",
                        "one false",
                        "room true ",
                        "written [000002bc, 000002bf, 000002c0]",
                        "left true"),
                played("roomLater"));
    }

    @Test
    void itIsNotSaidToBeMendedBeforeThereIsRoom() throws Exception {
        assertEquals(List.of("full false false", "room true true", "next true "), played("stillFull"));
    }

    @Test
    void aFileWithHolesIsFilledOrNotUsed() throws Exception {
        assertEquals(
                List.of("marks false " + NO_MARKS + file("marks") + ": No space left on device", "room true"),
                played("holes"));
    }

    @Test
    void aStoreThatTheKernelCannotDoIsNoticed() throws Exception {
        List<String> said = played("cutShort");
        assertEquals(
                "marks false replay marks cannot be kept any more: the disk does not take them (SIGBUS): "
                        + file("marks"),
                said.get(0));
        assertTrue(said.get(1).startsWith("again true false 77 " + file("marks") + " was damaged"), said::toString);
    }

    @Test
    void readOnlyAtTheStart() throws Exception {
        String readOnly = ": Read-only file system";
        assertEquals(
                List.of(
                        "remounted true",
                        "marks false " + NO_MARKS + file("marks.lock") + readOnly,
                        "leases leases cannot be written down: " + file("leases") + readOnly,
                        "found [00000001, 00000002] true",
                        "retry false",
                        "remounted true",
                        "marks true true 100",
                        "retry true [00000002]"),
                played("readOnlyAtTheStart"));
    }

    /** The kernel refuses: EBUSY, since files are open for writing. */
    @Test
    void nobodyMakesItReadOnlyWhileItRuns() throws Exception {
        assertEquals(List.of("remounted false true", "remounted true"), played("readOnlyWhileItRuns"));
    }

    /** But for the file system itself, as with {@code errors=remount-ro}. */
    @Test
    void aFailingDiskIsNoticed() throws Exception {
        Path disk = directory.resolve("disk");
        List<String> said = played(EXT4, disk, "failing", "-m");
        String readOnly = ": Read-only file system";
        assertEquals(
                List.of(
                        "marks true",
                        "remounted true",
                        "it is read-only",
                        "marks false replay marks cannot be kept any more: " + disk.resolve("marks") + readOnly,
                        "leases leases cannot be written down: " + disk.resolve("leases") + readOnly),
                said);
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private List<String> played(String what) throws Exception {
        return played(TMPFS, directory, what, "-rm");
    }

    private List<String> played(String script, Path disk, String what, String namespaces) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", namespaces, "sh", "-c", script));
        command.add(directory.toString());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SmallDisk.class.getName()));
        command.addAll(List.of(disk.toString(), what));
        Process child = start(command);
        List<String> said;
        try (var out = child.inputReader(StandardCharsets.UTF_8)) {
            said = out.lines().toList();
        }
        int status = child.waitFor();
        if (status == 77 || status == 1 && said.stream().anyMatch(l -> l.startsWith("unshare:"))) {
            cannot(namespaces, said);
        }
        assertEquals(0, status, said::toString);
        assertFalse(said.isEmpty());
        return said;
    }

    /** A user namespace has no loop devices, nor have many containers: there it cannot run by any means. */
    private static void cannot(String namespaces, List<String> said) {
        String why = "no small disk here: " + said;
        if (namespaces.equals("-rm")
                && System.getProperty("mayfly.kernel", "optional").equals("required")) {
            throw new AssertionError(why);
        }
        System.err.println("SKIPPED: " + why);
        Assumptions.abort(why);
    }

    private static Process start(List<String> command) throws IOException {
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        child.onExit().orTimeout(100, TimeUnit.SECONDS).whenComplete((p, e) -> child.destroyForcibly());
        return child;
    }
}
