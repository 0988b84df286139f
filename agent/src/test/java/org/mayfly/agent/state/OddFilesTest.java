package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.Clock;
import org.mayfly.knock.ServerIdentity;

/** What may lie where a file of ours should: nothing hangs, nothing is believed, and what is wrong is one line. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // who waits for a FIFO cannot be interrupted
final class OddFilesTest {
    /** A kind of file that is none of ours. */
    enum Odd {
        EMPTY,
        NOISE,
        DIRECTORY,
        LINK_TO_NOWHERE,
        LINK_TO_ANOTHER,
        FIFO,
        HUGE,
        FOR_OTHERS,
        OF_SOMEBODY_ELSE;

        /** Whether it is refused for what it is; what it says does not matter then. */
        boolean isNoPlainFileOfOurs() {
            return this != EMPTY && this != NOISE && this != HUGE;
        }

        void make(Path file) throws Exception {
            switch (this) {
                case EMPTY -> write(file, 0);
                case NOISE -> write(file, 5000);
                case DIRECTORY -> Files.createDirectory(file);
                case LINK_TO_NOWHERE -> Files.createSymbolicLink(file, file.resolveSibling("nowhere"));
                case LINK_TO_ANOTHER -> {
                    write(file.resolveSibling("other"), 10);
                    Files.createSymbolicLink(file, file.resolveSibling("other"));
                }
                case FIFO ->
                    assertEquals(
                            0,
                            new ProcessBuilder("mkfifo", "-m", "600", file.toString())
                                    .start()
                                    .waitFor());
                case HUGE -> {
                    write(file, 0);
                    try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        out.write(ByteBuffer.allocate(1), 1L << 40);
                    }
                }
                case FOR_OTHERS -> {
                    write(file, 10);
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
                }
                case OF_SOMEBODY_ELSE -> {
                    write(file, 10);
                    giveAway(file);
                }
            }
        }

        private static void write(Path file, int length) throws IOException {
            byte[] noise = new byte[length];
            new Random(length).nextBytes(noise);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, noise);
        }

        private static void giveAway(Path file) throws IOException {
            try {
                Files.setAttribute(file, "unix:uid", 65534);
            } catch (IOException e) {
                String why = "there is nobody to give a file to: " + e;
                System.err.println("SKIPPED: " + why);
                Assumptions.abort(why);
            }
        }
    }

    private static final UUID BOOT = UUID.randomUUID();

    @TempDir
    Path directory = Path.of("");

    private static void assertOneLine(String line, Path file) {
        assertTrue(line.contains(file.toString()), line);
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.length() < 400, line);
    }

    @ParameterizedTest
    @EnumSource
    void whereTheServersIdentityShouldBe(Odd odd) throws Exception {
        Path file = directory.resolve("server.json");
        odd.make(file);
        IOException e = assertThrows(IOException.class, () -> ServerFile.readOrCreate(directory));
        assertOneLine(String.valueOf(e.getMessage()), file);
    }

    @ParameterizedTest
    @EnumSource
    void whereAClientShouldBe(Odd odd) throws Exception {
        Path file = directory.resolve("alice.json");
        odd.make(file);
        ClientFiles clients = new ClientFiles(directory, ServerIdentity.create());
        ClientFiles.Loaded loaded = clients.load();
        assertEquals(0, loaded.clients().size());
        assertEquals(1, loaded.problems().size());
        assertOneLine(loaded.problems().get(0), file);
    }

    @ParameterizedTest
    @EnumSource
    void whereMarksShouldBe(Odd odd) throws Exception {
        Path file = directory.resolve(MarksOpening.NAME);
        odd.make(file);
        try (StoredMarks marks = StoredMarks.open(directory, 8, false)) {
            assertFalse(marks.trusted());
            if (odd.isNoPlainFileOfOurs() || odd == Odd.HUGE) {
                assertFalse(marks.kept());
                assertOneLine(marks.problem(), file);
            } else {
                assertTrue(marks.kept(), marks::problem);
                assertTrue(marks.note().contains("was damaged"), marks::note);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whereTheLockShouldBe(Odd odd) throws Exception {
        Path file = directory.resolve(MarksOpening.LOCK);
        odd.make(file);
        try (StoredMarks marks = StoredMarks.open(directory, 8, false)) {
            if (!marks.kept()) {
                assertOneLine(marks.problem(), file);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whereLeasesShouldBe(Odd odd) throws Exception {
        Path file = directory.resolve(LeaseFile.NAME);
        odd.make(file);
        try (StoredLeases leases = StoredLeases.open(directory, clock(), BOOT)) {
            assertEquals(Map.of(), LeaseFileTest.written(leases));
            if (odd.isNoPlainFileOfOurs()) {
                assertOneLine(leases.problem(), file);
                assertFalse(leases.retry());
            } else {
                assertEquals("", leases.problem());
                assertTrue(odd == Odd.EMPTY || leases.note().contains("was damaged"), leases::note);
            }
        }
        assertNotNull(StoredLeases.open(directory, clock(), BOOT));
    }

    private static Clock clock() {
        return new Clock() {
            @Override
            public long monotonicNanos() {
                return 0;
            }

            @Override
            public long wallNanos() {
                return 0;
            }
        };
    }
}
