package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds out what a marks file is worth when an agent starts, and makes one where it is worth nothing. */
final class MarksOpening {
    static final String NAME = "marks";
    static final String DAMAGED = "marks.damaged";
    static final String LOCK = "marks.lock";

    /** Names one run of the kernel; Documentation/admin-guide/sysctl/kernel.rst, "random". */
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path directory;
    private final Path file;
    private final int capacity;
    private final boolean newServer;
    private final UUID boot;
    private final Map<Long, Long> stamps = new LinkedHashMap<>();
    private final long[] floor = {Long.MIN_VALUE};

    MarksOpening(Path directory, int capacity, boolean newServer, UUID boot) {
        this.directory = directory;
        this.file = directory.resolve(NAME);
        this.capacity = capacity;
        this.newServer = newServer;
        this.boot = boot;
    }

    /** Where it cannot be read, one that is never seen again: then only a file that was closed is trusted. */
    static UUID boot() {
        try {
            return UUID.fromString(Files.readString(BOOT_ID).strip());
        } catch (IOException | IllegalArgumentException e) {
            return UUID.randomUUID();
        }
    }

    MarksFile open() throws IOException {
        PrivateFile.directory(directory);
        FileLock lock = lock();
        try {
            String note = judge();
            MappedByteBuffer bytes = map();
            MarksTable table = new MarksTable(bytes);
            begin(table, note.isEmpty());
            bytes.force(); // a power cut must not find the state of the run before
            return new MarksFile(file, bytes, lock, note.isEmpty(), note);
        } catch (IOException | RuntimeException e) {
            lock.channel().close();
            throw e;
        }
    }

    /** In an order in which a kill between two stores leaves nothing that says more than is true. */
    private void begin(MarksTable table, boolean trusted) {
        if (trusted) {
            table.boot(boot); // does not count in a file that is clean, and is there already in one that is open
            table.state(MarksTable.State.OPEN);
        } else {
            table.state(MarksTable.State.UNSETTLED);
            table.boot(boot);
        }
    }

    /** Leaves a sound file behind; returns why it is not to be trusted, or nothing. */
    private String judge() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            make(newServer ? MarksTable.State.OPEN : MarksTable.State.UNSETTLED);
            return newServer ? "" : "there were no replay marks in " + file;
        }
        PrivateFile.check(file);
        MarksTable table = new MarksTable(map());
        String problem = problem(table);
        if (problem != null) {
            Path kept = directory.resolve(DAMAGED);
            Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE);
            make(MarksTable.State.UNSETTLED);
            return file + " was damaged: " + problem + "; it is kept as " + kept;
        }
        String doubt = doubt(table);
        if (table.capacity() < room()) {
            make(doubt.isEmpty() ? MarksTable.State.OPEN : MarksTable.State.UNSETTLED);
        }
        return doubt;
    }

    private @Nullable String problem(MarksTable table) {
        String problem = table.headProblem();
        if (problem != null) {
            return problem;
        }
        int bad = table.read(stamps, floor);
        return bad == 0 ? null : bad + " of its " + (table.used() + 1) + " marks do not fit their check words";
    }

    private String doubt(MarksTable table) {
        if (table.state() == MarksTable.State.UNSETTLED) {
            return "marks were lost before, and the agent was stopped before the wait after that was over";
        }
        if (table.state() == MarksTable.State.OPEN && !table.boot().equals(boot)) {
            return "the machine went down while " + file + " was open: its last marks may be missing";
        }
        return "";
    }

    /** With all marks that could be read: they are good, though there may be others. */
    private void make(MarksTable.State state) throws IOException {
        try {
            PrivateFile.write(file, MarksTable.make(room(), state, boot, stamps, floor[0]));
        } catch (IOException e) {
            throw failed("replay marks cannot be kept, and without them nothing is let in:", file, e);
        }
    }

    /** What was asked for, or more: a file that is nearly full would refuse keys before the next start. */
    private int room() {
        return stamps.size() > capacity / 4 * 3 ? 2 * stamps.size() : capacity;
    }

    private MappedByteBuffer map() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new IOException("it is far too long");
            }
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
        } catch (IOException e) {
            throw failed("cannot open", file, e);
        }
    }

    /** A file of its own, since the marks file may be replaced. The kernel takes the lock off whoever dies. */
    private FileLock lock() throws IOException {
        Path path = directory.resolve(LOCK);
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw failed("cannot open", path, e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            // another one in this process
        }
        channel.close();
        throw new IOException("another agent has " + file + " open: each needs a state directory of its own");
    }

    /** The JDK's own messages are often no more than the path. */
    static IOException failed(String what, Path path, IOException e) {
        String message = String.valueOf(e.getMessage());
        boolean bare = message.equals(path.toString());
        return new IOException(what + " " + path + ": " + (bare ? e.getClass().getSimpleName() : message), e);
    }
}
