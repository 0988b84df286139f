package org.mayfly.agent.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.mayfly.agent.core.Marks;

/**
 * Replay marks in a file that is mapped into memory. What was raised is in the page cache, which a {@code kill -9} does
 * not touch; a power cut does, and is noticed by the boot id. One thread only.
 */
public final class MarksFile implements Marks, AutoCloseable {
    private static final String SIGBUS = "replay marks cannot be kept any more: the disk does not take them (SIGBUS): ";

    private final Path path;
    private final MappedByteBuffer bytes;
    private final MarksTable table;
    private final FileChannel channel;
    private final FileLock lock;
    private final String note;
    private final Map<Long, Integer> lines;
    private final long[] stamps;
    private boolean settled;
    private boolean open = true;
    private String problem = "";

    /**
     * @param channel to the same file; closed with it
     */
    MarksFile(Path path, FileChannel channel, MappedByteBuffer bytes, FileLock lock, boolean settled, String note) {
        this.path = path;
        this.channel = channel;
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
        try {
            table.add(next, keyId, Long.MIN_VALUE);
            verify(next, Long.MIN_VALUE);
        } catch (InternalError e) {
            lost(SIGBUS + path);
        }
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
            stamps[slot] = stamp;
            try {
                table.raise(slot, stamp);
                verify(slot, stamp);
            } catch (InternalError e) {
                lost(SIGBUS + path);
            }
        }
    }

    /**
     * The kernel may have no page for a store, and sends SIGBUS. Java leaves the store out, goes on, and throws an
     * InternalError some time later ({@link MappedByteBuffer}); so it is looked whether the store is there.
     */
    @SuppressWarnings("ThreadPriorityCheck") // it is not about threads
    private void verify(int line, long stamp) {
        if (!table.holds(line, stamp)) {
            lost(SIGBUS + path);
            Thread.yield(); // leaves Java, where what is still to be thrown is thrown
        }
    }

    @Override
    public boolean kept() {
        return problem.isEmpty();
    }

    /** Why marks cannot be kept, in one line; empty while they are. */
    String problem() {
        return problem;
    }

    /** From now on they are not kept, for what was found last. */
    void lost(String why) {
        problem = why;
    }

    /** Writes what is there already, for the disk to refuse. From any thread. */
    void probe() throws IOException {
        try {
            channel.write(
                    ByteBuffer.allocate(Long.BYTES)
                            .order(ByteOrder.nativeOrder())
                            .putLong(0, MarksTable.MAGIC),
                    0);
        } catch (IOException e) {
            throw MarksOpening.failed("replay marks cannot be kept any more:", path, e);
        }
    }

    /** Lets the next one open the file. From any thread. */
    void release() throws IOException {
        channel.close();
        lock.channel().close();
    }

    /** Raises another's marks to what these are. */
    void copyTo(MarksFile other) {
        other.raise(0, stamps[0]);
        lines.forEach((keyId, line) -> other.raise(other.slot(keyId), stamps[line]));
    }

    /** Never lower than it was. With it the marks are as good as if none had been lost, now and after a restart. */
    @Override
    public void floor(long stamp) {
        raise(0, stamp);
        if (!settled && kept()) {
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
            if (kept()) {
                force();
            }
        } finally {
            release();
        }
    }

    private void force() throws IOException {
        try {
            bytes.force();
            if (settled) {
                table.state(MarksTable.State.CLEAN);
                bytes.force();
            }
        } catch (UncheckedIOException e) { // what force() throws
            table.state(MarksTable.State.UNSETTLED); // what the disk did not take may be gone from memory soon
            throw MarksOpening.failed("replay marks are not on the disk:", path, Objects.requireNonNull(e.getCause()));
        }
    }

    /** After {@link #close} the file may be another agent's. */
    private void check() {
        if (!open) {
            throw new IllegalStateException(path + " is closed");
        }
    }
}
