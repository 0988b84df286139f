package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredMarksTest {
    private static final int CAPACITY = 8;
    private static final int KEYS = 6;

    @TempDir
    Path directory = Path.of("");

    private static StoredMarks marks(Path state, long firstKey) throws IOException {
        StoredMarks marks = StoredMarks.open(state, CAPACITY, true);
        for (int i = 0; i < KEYS; i++) {
            marks.raise(marks.slot(firstKey + i), 100);
        }
        return marks;
    }

    /** Somebody puts another's file in the place of ours, and there is no room in it. */
    @Test
    void aFileThatDoesNotTakeThemIsClosedAndTriedAgain() throws IOException {
        Path state = directory.resolve("ours");
        Path other = directory.resolve("other");
        marks(other, 100).close();
        try (StoredMarks marks = marks(state, 1)) {
            Files.move(
                    other.resolve(MarksOpening.NAME),
                    state.resolve(MarksOpening.NAME),
                    StandardCopyOption.REPLACE_EXISTING);
            marks.lost("the disk is bad");
            MarksFile full = marks.reopen();
            assertThrows(IllegalStateException.class, () -> marks.use(full));
            marks.use(marks.reopen()); // which makes a full one longer
            assertTrue(marks.kept());
            assertEquals(100, marks.stamp(marks.slot(KEYS)));
        }
    }

    @Test
    void whatIsWrongNowIsTold() throws IOException {
        try (StoredMarks marks = marks(directory.resolve("ours"), 1)) {
            marks.lost("the disk is bad");
            marks.lost("the file has no room");
            assertEquals("the file has no room", marks.problem());
        }
    }
}
