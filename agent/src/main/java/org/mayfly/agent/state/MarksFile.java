package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Map;
import org.mayfly.agent.core.Marks;

/**
 * Replay marks in a file that is mapped into memory. What was raised is in the page cache, which a {@code kill -9} does
 * not touch; a power cut does, and is noticed by the boot id. One thread only.
 */
public final class MarksFile implements Marks, AutoCloseable {
    private final Path path;
    private final MappedByteBuffer bytes;
    private final MarksTable table;
    private final FileLock lock;
    private final String note;
    private final Map<Long, Integer> lines;
    private final long[] stamps;
    private boolean settled;
    private boolean open = true;

    MarksFile(Path path, MappedByteBuffer bytes, FileLock lock, boolean settled, String note) {
        this.path = path;
        this.bytes = bytes;
        this.table = new MarksTable(bytes);
        this.lock = lock;
        this.settled = settled;
        this.note = note;
        this.lines = table.lines();
        this.stamps = new long[table.capacity() + 1];
        for (int line = 0; line <= lines.size(); line++) {
            stamps[line] = table.stampOf(line).orElseThrow();
        }
    }

    /**
     * Opens {@code marks} in the state directory, or makes it.
     *
     * @param capacity keys there is room for, rotated and removed ones included; a file with less room grows
     * @param newServer whether the server's identity was made just now: then no mark can have been lost
     * @throws IOException one line: it cannot be read or written, others may use it, or another agent has it open.
     *     Without marks nothing must be accepted, so this is a reason not to start.
     */
    public static MarksFile open(Path stateDirectory, int capacity, boolean newServer) throws IOException {
        return new MarksOpening(stateDirectory, capacity, newServer, MarksOpening.boot()).open();
    }

    @Override
    public int slot(long keyId) {
        Integer line = lines.get(keyId);
        if (line != null) {
            return line;
        }
        int next = lines.size() + 1;
        if (next > table.capacity()) {
            throw new IllegalStateException(path + " has no room for another key: it holds the marks of " + lines.size()
                    + ", of removed keys too; stop the agent and remove the file");
        }
        check();
        stamps[next] = Long.MIN_VALUE;
        table.add(next, keyId, Long.MIN_VALUE);
        lines.put(keyId, next);
        return next;
    }

    @Override
    public long stamp(int slot) {
        return Math.max(stamps[0], stamps[slot]);
    }

    @Override
    public void raise(int slot, long stamp) {
        check();
        if (stamp > stamps[slot]) {
            table.raise(slot, stamp);
            stamps[slot] = stamp;
        }
    }

    /** Never lower than it was. With it the marks are as good as if none had been lost, now and after a restart. */
    @Override
    public void floor(long stamp) {
        raise(0, stamp);
        if (!settled) {
            table.state(MarksTable.State.OPEN);
            settled = true;
        }
    }

    /** As it was when the file was opened, or true since there is a {@link #floor}. */
    @Override
    public boolean trusted() {
        return settled;
    }

    /** Why the file was not trusted when it was opened, in one line; empty if it was. */
    public String note() {
        return note;
    }

    /** Writes all to the disk, and then says there that it is all: so it is trusted after a reboot too. */
    @Override
    public void close() throws IOException {
        if (!open) {
            return;
        }
        open = false;
        try {
            bytes.force();
            if (settled) {
                table.state(MarksTable.State.CLEAN);
                bytes.force();
            }
        } finally {
            lock.channel().close();
        }
    }

    /** After {@link #close} the file may be another agent's. */
    private void check() {
        if (!open) {
            throw new IllegalStateException(path + " is closed");
        }
    }
}
