package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;

/**
 * The file of leases, or, while there can be none, what will be in it once there can. Leases that were not written end with
 * the agent. One thread only.
 */
public final class StoredLeases implements LeaseStore, AutoCloseable {
    private final Path directory;
    private final UUID boot;
    private @Nullable LeaseFile file;
    private String problem = "";

    /** By slots that no file has: below {@link #NONE}. */
    private final Map<Integer, LeaseRecord> unwritten = new LinkedHashMap<>();

    /** What became of such slots. */
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

    @Override
    public void read(ObjIntConsumer<LeaseRecord> each) throws IOException {
        if (file == null) {
            unwritten.forEach((slot, record) -> each.accept(record, slot));
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
     * Where there is no file, tries once more to make one, with all that should be in it.
     *
     * @return whether leases are written down now and were not before
     */
    public boolean retry() {
        if (file != null) {
            return false;
        }
        try {
            LeaseFile made = LeaseFile.openEmpty(directory, boot);
            try {
                for (Map.Entry<Integer, LeaseRecord> e : unwritten.entrySet()) {
                    written.put(e.getKey(), made.put(NONE, e.getValue()));
                }
            } catch (IOException e) {
                written.clear();
                made.clear(); // or the next start would go on with what has ended by then
                made.close();
                throw e;
            }
            file = made;
            unwritten.clear();
            problem = "";
            return true;
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
            return false;
        }
    }

    @Override
    public int put(int slot, LeaseRecord lease) throws IOException {
        LeaseFile now = file;
        if (now == null) {
            int at = slot == NONE ? --lastSlot : slot;
            unwritten.put(at, lease);
            return at;
        }
        try {
            int at = now.put(written.getOrDefault(slot, slot), lease);
            written.remove(slot);
            problem = "";
            return at;
        } catch (IOException e) {
            problem = String.valueOf(MarksOpening.failed("leases cannot be written down:", now.path(), e)
                    .getMessage());
            throw e;
        }
    }

    @Override
    public void remove(int slot) throws IOException {
        if (file == null) {
            unwritten.remove(slot);
        } else {
            file.remove(written.getOrDefault(slot, slot));
            written.remove(slot);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
