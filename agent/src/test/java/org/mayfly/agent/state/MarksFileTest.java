package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarksFileTest {
    private static final UUID BOOT = new UUID(1, 2);
    private static final UUID NEXT_BOOT = new UUID(1, 3);
    private static final int CAPACITY = 8;
    private static final int LINE = 64;
    private static final long[] KEYS = {0x1111_2222_3333_4444L, -5, 0};

    @TempDir
    Path directory = Path.of("");

    private MarksFile open(Path state, UUID boot) throws IOException {
        return new MarksOpening(state, CAPACITY, false, boot).open();
    }

    /** A file that was trusted, with three keys and a floor below their stamps, as a kill would leave it now. */
    private byte[] killed() throws IOException {
        Path state = directory.resolve("before");
        try (MarksFile marks = new MarksOpening(state, CAPACITY, true, BOOT).open()) {
            marks.floor(50);
            for (long key : KEYS) {
                for (int stamp = 100; stamp <= 105; stamp++) {
                    marks.raise(marks.slot(key), stamp);
                }
            }
            return Files.readAllBytes(state.resolve(MarksOpening.NAME));
        }
    }

    private Path state(String name, byte[] file) throws IOException {
        Path state = Files.createDirectory(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path marks = Files.write(state.resolve(MarksOpening.NAME), file);
        Files.setPosixFilePermissions(marks, PosixFilePermissions.fromString("rw-------"));
        return state;
    }

    @Test
    void keepsWhatAKillLeaves() throws IOException {
        try (MarksFile marks = open(state("after", killed()), BOOT)) {
            assertTrue(marks.trusted());
            assertEquals("", marks.note());
            for (long key : KEYS) {
                assertEquals(105, marks.stamp(marks.slot(key)));
            }
            assertEquals(50, marks.stamp(marks.slot(77)), "a new key has the floor");
        }
    }

    @Test
    void trustsANewFileOfANewServerOnly() throws IOException {
        try (MarksFile marks = new MarksOpening(directory.resolve("a"), CAPACITY, true, BOOT).open()) {
            assertTrue(marks.trusted());
        }
        try (MarksFile marks = open(directory.resolve("b"), BOOT)) {
            assertFalse(marks.trusted());
            assertTrue(marks.note().startsWith("there were no replay marks"), marks.note());
        }
        // Closing and starting again does not shorten the wait.
        try (MarksFile marks = open(directory.resolve("b"), BOOT)) {
            assertFalse(marks.trusted());
            marks.floor(1000);
            assertTrue(marks.trusted());
        }
        try (MarksFile marks = open(directory.resolve("b"), BOOT)) {
            assertTrue(marks.trusted());
            assertEquals(1000, marks.stamp(marks.slot(9)));
        }
    }

    @Test
    void trustsAnotherBootIfItWasClosed() throws IOException {
        Path state = state("closed", killed());
        open(state, BOOT).close();
        try (MarksFile marks = open(state, NEXT_BOOT)) {
            assertTrue(marks.trusted());
            assertEquals(105, marks.stamp(marks.slot(KEYS[0])));
            byte[] now = Files.readAllBytes(state.resolve(MarksOpening.NAME));
            try (MarksFile third = open(state("power", now), new UUID(1, 4))) {
                assertFalse(third.trusted(), "the clean state is taken back when a file is opened");
            }
        }
    }

    @Test
    void doesNotTrustAnotherBootIfItWasNotClosed() throws IOException {
        Path state = state("power", killed());
        try (MarksFile marks = open(state, NEXT_BOOT)) {
            assertFalse(marks.trusted());
            assertTrue(marks.note().startsWith("the machine went down"), marks.note());
            assertEquals(105, marks.stamp(marks.slot(KEYS[0])), "what is there is good");
            byte[] waiting = Files.readAllBytes(state.resolve(MarksOpening.NAME));
            try (MarksFile again = open(state("killed", waiting), NEXT_BOOT)) {
                assertFalse(again.trusted(), "killed while it waited");
            }
        }
        assertFalse(Files.exists(state.resolve(MarksOpening.DAMAGED)));
    }

    /** Everything a kill can leave of a raise: the check word gone, then the new stamp there, then its check word. */
    @Test
    void survivesAKillInsideARaise() throws IOException {
        byte[] whole = killed();
        ByteBuffer b = ByteBuffer.wrap(whole).order(ByteOrder.nativeOrder());
        int line = 2 * LINE;
        int older = line + (b.getLong(line + 8) < b.getLong(line + 24) ? 8 : 24);
        b.putLong(older + 8, 0);
        for (long unfinished : new long[] {b.getLong(older), 106, Long.MAX_VALUE}) {
            b.putLong(older, unfinished);
            try (MarksFile marks = open(state("torn" + unfinished, whole), BOOT)) {
                assertTrue(marks.trusted(), marks.note());
                assertEquals(105, marks.stamp(marks.slot(KEYS[0])));
                marks.raise(marks.slot(KEYS[0]), 107);
            }
            try (MarksFile marks = open(directory.resolve("torn" + unfinished), BOOT)) {
                assertEquals(107, marks.stamp(marks.slot(KEYS[0])));
            }
        }
    }

    /** And of a key that was being added: its line is filled, and not counted yet. */
    @Test
    void survivesAKillInsideAnAddition() throws IOException {
        byte[] whole = killed();
        Arrays.fill(whole, (KEYS.length + 2) * LINE, (KEYS.length + 3) * LINE, (byte) 0x5a);
        try (MarksFile marks = open(state("added", whole), BOOT)) {
            assertTrue(marks.trusted(), marks.note());
            marks.raise(marks.slot(4711), 200);
        }
        try (MarksFile marks = open(directory.resolve("added"), NEXT_BOOT)) {
            assertTrue(marks.trusted(), marks.note());
            assertEquals(200, marks.stamp(marks.slot(4711)));
        }
    }

    /** A trusted file never gives less than was raised, whichever word of it is damaged, and however. */
    @Test
    void neverTrustsDamage() throws IOException {
        byte[] whole = killed();
        int used = (KEYS.length + 2) * LINE;
        Random random = new Random(3);
        for (int at = 0; at < used; at += Long.BYTES) {
            for (int bit : new int[] {random.nextInt(8), 8 + random.nextInt(56)}) {
                byte[] damaged = whole.clone();
                damaged[at + bit / 8] ^= (byte) (1 << bit % 8);
                holds("flip-" + at + "-" + bit, damaged);
            }
        }
        for (int line = 0; line < used; line += LINE) {
            byte[] zeroed = whole.clone();
            Arrays.fill(zeroed, line, line + LINE, (byte) 0);
            assertFalse(holds("zero-" + line, zeroed));
        }
        byte[] noise = new byte[whole.length];
        random.nextBytes(noise);
        assertFalse(holds("noise", noise));
    }

    private boolean holds(String name, byte[] file) throws IOException {
        Path state = state(name, file);
        try (MarksFile marks = open(state, BOOT)) {
            for (long key : KEYS) {
                long stamp = marks.stamp(marks.slot(key));
                assertTrue(!marks.trusted() || stamp == 105, () -> name + " is trusted, with " + stamp);
            }
            if (marks.note().contains("damaged")) {
                assertArrayEquals(file, Files.readAllBytes(state.resolve(MarksOpening.DAMAGED)));
            }
            return marks.trusted();
        }
    }

    @Test
    void carriesOverWhatIsSound() throws IOException {
        byte[] damaged = killed();
        damaged[2 * LINE + 8] ^= 1;
        try (MarksFile marks = open(state("damaged", damaged), BOOT)) {
            assertFalse(marks.trusted());
            assertEquals(50, marks.stamp(marks.slot(KEYS[0])));
            assertEquals(105, marks.stamp(marks.slot(KEYS[1])));
        }
    }

    @Test
    void neverTrustsAFileCutShort() throws IOException {
        byte[] whole = killed();
        for (int length = 0; length < whole.length; length += 13) {
            assertFalse(holds("cut-" + length, Arrays.copyOf(whole, length)));
        }
        assertFalse(holds("long", Arrays.copyOf(whole, whole.length + LINE)));
    }

    @Test
    void tellsAnotherVersion() throws IOException {
        byte[] other = killed();
        ByteBuffer.wrap(other).order(ByteOrder.nativeOrder()).putLong(8, 2L << 32 | CAPACITY);
        try (MarksFile marks = open(state("version", other), BOOT)) {
            assertTrue(marks.note().contains("it is of version 2, not 1"), marks.note());
        }
    }

    @Test
    void neverGoesDown() throws IOException {
        try (MarksFile marks = open(state("down", killed()), BOOT)) {
            int slot = marks.slot(KEYS[0]);
            marks.raise(slot, 3);
            assertEquals(105, marks.stamp(slot));
            marks.floor(300);
            marks.floor(200);
            assertEquals(300, marks.stamp(slot));
        }
    }

    @Test
    void growsAndKeepsItsMarks() throws IOException {
        Path state = state("grow", killed());
        try (MarksFile marks = open(state, BOOT)) {
            for (int key = 1000; key < 1000 + CAPACITY - KEYS.length; key++) {
                marks.slot(key);
            }
            IllegalStateException full = assertThrows(IllegalStateException.class, () -> marks.slot(2000));
            assertTrue(String.valueOf(full.getMessage()).contains("no room"), full::getMessage);
        }
        try (MarksFile marks = new MarksOpening(state, 2 * CAPACITY, false, BOOT).open()) {
            assertTrue(marks.trusted(), marks.note());
            assertEquals(105, marks.stamp(marks.slot(KEYS[2])));
            assertEquals(50, marks.stamp(marks.slot(2000)));
        }
        try (MarksFile marks = open(state, BOOT)) {
            assertTrue(marks.trusted(), "a larger file than asked for is as good");
        }
    }

    @Test
    void isForOneAgentAtATime() throws IOException {
        try (MarksFile marks = open(directory.resolve("one"), BOOT)) {
            IOException e = assertThrows(IOException.class, () -> open(directory.resolve("one"), BOOT));
            assertTrue(String.valueOf(e.getMessage()).startsWith("another agent has "), e::getMessage);
            assertFalse(marks.trusted());
        }
        MarksFile closed = open(directory.resolve("one"), BOOT);
        int slot = closed.slot(1);
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.raise(slot, 1));
        closed.close();
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        Path state = state("mode", killed());
        Path file = state.resolve(MarksOpening.NAME);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        IOException e = assertThrows(IOException.class, () -> open(state, BOOT));
        assertTrue(String.valueOf(e.getMessage()).endsWith("run: chmod 600 " + file), e::getMessage);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwx---"));
        IOException d = assertThrows(IOException.class, () -> open(state, BOOT));
        assertTrue(String.valueOf(d.getMessage()).endsWith("run: chmod go-w " + state), d::getMessage);
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx------"));
        open(state, BOOT).close();
    }

    @Test
    void hasItsFullSizeAtOnce() throws IOException {
        Path state = directory.resolve("blocks");
        new MarksOpening(state, 4096, false, BOOT).open().close();
        assertEquals(64 * 4098, Files.size(state.resolve(MarksOpening.NAME)));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(MarksOpening.NAME))));
    }

    @Test
    void cannotBeMadeWhereNothingCan() {
        assertThrows(IOException.class, () -> open(Path.of("/proc/self/mayfly"), BOOT));
    }
}
