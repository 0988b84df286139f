package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;

/**
 * The file of leases, and what will be in it once it can be written. Leases that were not written end with the agent. One
 * thread only.
 */
public final class StoredLeases implements LeaseStore, AutoCloseable {
    private final Path directory;
    private final UUID boot;
    private @Nullable LeaseFile file;
    private String problem = "";

    /** What is new by slots that no file has, below {@link #NONE}; what has changed by its slot. */
    private final Map<Integer, LeaseRecord> unwritten = new LinkedHashMap<>();

    /** The slots in the file of what was new. */
    private final Map<Integer, Integer> written = new HashMap<>();

    private int lastSlot = NONE;

    private StoredLeases(Path directory, UUID boot) {
        this.directory = directory;
        this.boot = boot;
    }

    /**
     * Opens {@code leases} in the state directory, or makes it, or finds out why that cannot be.
     *
     * @param clock by which leases run
     */
    public static StoredLeases open(Path stateDirectory, Clock clock) {
        return open(stateDirectory, clock, MarksOpening.boot());
    }

    static StoredLeases open(Path directory, Clock clock, UUID boot) {
        StoredLeases leases = new StoredLeases(directory, boot);
        try {
            leases.file = LeaseFile.open(directory, boot);
        } catch (IOException e) {
            leases.problem = String.valueOf(e.getMessage());
            leases.goOnWithSessions(clock.monotonicNanos());
        }
        return leases;
    }

    /**
     * What can be read and not written may have ended since, without the file's knowing: so nobody is let in any more, and
     * only sessions go on.
     */
    private void goOnWithSessions(long now) {
        LeaseFile.read(
                directory,
                boot,
                (r, slot) -> unwritten.put(--lastSlot, r.cut() || r.windowEnd() < now ? r : r.withoutWindow(now)));
    }

    private static void accept(boolean now, LeaseRecord record, int slot, ObjIntConsumer<LeaseRecord> each) {
        if (now) {
            each.accept(record, slot);
        }
    }

    @Override
    public void read(ObjIntConsumer<LeaseRecord> each) throws IOException {
        if (file == null) {
            // a copy, since what is over or there twice is struck out meanwhile
            Map<Integer, LeaseRecord> all = new LinkedHashMap<>(unwritten);
            all.forEach((slot, record) -> accept(record.cut(), record, slot, each));
            all.forEach((slot, record) -> accept(!record.cut(), record, slot, each));
        } else {
            file.read(each);
        }
    }

    /** What an operator should know of the opening, in one line; empty if nothing. */
    public String note() {
        return file == null ? "" : file.note();
    }

    /** Why leases are not written down, in one line; empty while they are. */
    public String problem() {
        return problem;
    }

    /**
     * Where something could not be written, tries once more, with a file made anew if there is none.
     *
     * @return whether leases are written down now and were not before
     */
    public boolean retry() {
        if (problem.isEmpty()) {
            return false;
        }
        try {
            LeaseFile now = file;
            if (now == null) {
                now = LeaseFile.openEmpty(directory, boot);
                file = now;
            }
            writeAll(now);
            problem = "";
            return true;
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
            return false;
        }
    }

    private void writeAll(LeaseFile now) throws IOException {
        try {
            for (Iterator<Map.Entry<Integer, LeaseRecord>> i =
                            unwritten.entrySet().iterator();
                    i.hasNext(); ) {
                Map.Entry<Integer, LeaseRecord> e = i.next();
                int slot = e.getKey();
                int at = now.put(Math.max(slot, NONE), e.getValue());
                if (slot != at) {
                    written.put(slot, at);
                }
                i.remove();
            }
            now.probe(); // what could not be written may be over by now, and the disk full still
        } catch (IOException e) {
            throw failed(now, e);
        }
    }

    private static IOException failed(LeaseFile file, IOException e) {
        return MarksOpening.failed("leases cannot be written down:", file.path(), e);
    }

    /** What cannot be written is kept, for {@link #retry}. */
    @Override
    public int put(int slot, LeaseRecord lease) {
        Integer line = written.remove(slot);
        int at = line == null ? slot : line;
        LeaseFile now = file;
        if (now != null) {
            try {
                int put = now.put(Math.max(at, NONE), lease);
                unwritten.remove(at);
                problem = unwritten.isEmpty() ? "" : problem;
                return put;
            } catch (IOException e) {
                problem = String.valueOf(failed(now, e).getMessage());
            }
        }
        int kept = at == NONE ? --lastSlot : at;
        unwritten.put(kept, lease);
        return kept;
    }

    @Override
    public void remove(int slot) throws IOException {
        int at = written.getOrDefault(slot, slot);
        unwritten.remove(at);
        if (file != null && at > NONE) {
            file.remove(at);
        }
        written.remove(slot);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
