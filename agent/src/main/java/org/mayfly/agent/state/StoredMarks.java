package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Marks;

/**
 * The marks file, or, while there can be none, marks that are not {@link #kept}: an agent on a full or read-only disk
 * accepts no knock, and does all else. One thread only, but for what says otherwise.
 */
public final class StoredMarks implements Marks, AutoCloseable {
    private final Path directory;
    private final int capacity;
    private volatile @Nullable MarksFile file;
    private String problem = "";

    private StoredMarks(Path directory, int capacity) {
        this.directory = directory;
        this.capacity = capacity;
    }

    /**
     * Opens {@code marks} in the state directory, or makes it, or finds out why that cannot be.
     *
     * @param capacity keys there is room for
     * @param newServer whether the server's identity was made just now
     * @throws StateInUseException if another agent has them
     */
    public static StoredMarks open(Path stateDirectory, int capacity, boolean newServer) throws StateInUseException {
        StoredMarks marks = new StoredMarks(stateDirectory, capacity);
        try {
            marks.file = MarksFile.open(stateDirectory, capacity, newServer);
        } catch (StateInUseException e) {
            throw e;
        } catch (IOException e) {
            marks.problem = String.valueOf(e.getMessage());
        }
        return marks;
    }

    /** Why marks cannot be kept, in one line; empty while they are. */
    public String problem() {
        MarksFile now = file;
        return now == null ? problem : now.problem();
    }

    /** Why the file was not trusted when it was opened, in one line; empty if it was, or could not be opened. */
    public String note() {
        MarksFile now = file;
        return now == null ? "" : now.note();
    }

    /** Finds out whether the disk still takes marks. From any thread; may block. */
    public void probe() throws IOException {
        MarksFile now = file;
        if (now != null) {
            now.probe();
        }
    }

    /** From now on they are not kept. */
    public void lost(String why) {
        MarksFile now = file;
        if (now == null) {
            problem = why;
        } else {
            now.lost(why);
        }
    }

    /**
     * Opens the file once more, for {@link #use}. From any thread; may block. Only while marks are not kept.
     *
     * @throws IOException if it still cannot be
     */
    public MarksFile reopen() throws IOException {
        MarksFile before = file;
        if (before != null) {
            before.release();
        }
        return MarksFile.open(directory, capacity, false);
    }

    /**
     * Goes on with that file. Slots are others from then on.
     *
     * @param next with what was there before, and what was accepted since; closed if it does not take that
     */
    public void use(MarksFile next) throws IOException {
        MarksFile before = file;
        if (before != null) {
            try {
                before.copyTo(next);
            } catch (RuntimeException | Error e) {
                next.release(); // or the next one would find it in use
                throw e;
            }
        }
        file = next;
    }

    @Override
    public int slot(long keyId) {
        MarksFile now = file;
        return now == null || !now.kept() ? 0 : now.slot(keyId);
    }

    @Override
    public long stamp(int slot) {
        MarksFile now = file;
        return now == null ? Long.MAX_VALUE : now.stamp(slot);
    }

    @Override
    public void raise(int slot, long stamp) {
        MarksFile now = file;
        if (now != null) {
            now.raise(slot, stamp);
        }
    }

    @Override
    public void floor(long stamp) {
        MarksFile now = file;
        if (now != null) {
            now.floor(stamp);
        }
    }

    @Override
    public boolean kept() {
        MarksFile now = file;
        return now != null && now.kept();
    }

    @Override
    public boolean trusted() {
        MarksFile now = file;
        return now != null && now.trusted();
    }

    @Override
    public void close() throws IOException {
        MarksFile now = file;
        if (now != null) {
            now.close();
        }
    }
}
