package org.mayfly.agent.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds out what a marks file is worth when an agent starts, and makes one where it is worth nothing. */
final class MarksOpening {
    private static final String CANNOT = "replay marks cannot be kept, and without them nothing is let in:";

    /** A million keys. */
    private static final long LONGEST = 1 << 26;

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
            FileChannel channel = channel();
            try {
                MappedByteBuffer bytes = begun(channel, note.isEmpty());
                return new MarksFile(file, channel, bytes, lock, note.isEmpty(), note);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            lock.channel().close();
            throw e;
        }
    }

    private MappedByteBuffer begun(FileChannel channel, boolean trusted) throws IOException {
        try {
            fill(channel);
            MappedByteBuffer bytes = map(channel);
            begin(new MarksTable(bytes), trusted);
            bytes.force(); // a power cut must not find the state of the run before
            return bytes;
        } catch (UncheckedIOException e) { // what force() throws
            throw failed(CANNOT, file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failed(CANNOT, file, e);
        }
    }

    /** Writes the file over itself. One that was copied may have holes, and a full disk no room for them later. */
    private static void fill(FileChannel channel) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) channel.size());
        while (all.hasRemaining() && channel.read(all, all.position()) >= 0) {
            // goes on
        }
        all.flip();
        while (all.hasRemaining()) {
            channel.write(all, all.position());
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
        try {
            PrivateFile.check(file);
        } catch (IOException e) {
            throw failed(CANNOT, file, e);
        }
        MarksTable table = new MarksTable(map());
        String problem = problem(table);
        if (problem != null) {
            Path kept = directory.resolve(DAMAGED);
            Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE);
            try {
                make(MarksTable.State.UNSETTLED);
            } catch (IOException e) {
                Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE); // its sound marks are for the next start
                throw e;
            }
            return file + " was damaged: " + problem + "; it is kept as " + kept;
        }
        String doubt = doubt(table);
        if (table.capacity() < room()) {
            grow(doubt);
        }
        return doubt;
    }

    private void grow(String doubt) {
        try {
            make(doubt.isEmpty() ? MarksTable.State.OPEN : MarksTable.State.UNSETTLED);
        } catch (IOException e) {
            // a full disk, perhaps: the file as it is has room for the keys that are in it
        }
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
            throw failed(CANNOT, file, e);
        }
    }

    /** What was asked for, or more: a file that is nearly full would refuse keys before the next start. */
    private int room() {
        return stamps.size() > capacity / 4 * 3 ? 2 * stamps.size() : capacity;
    }

    private MappedByteBuffer map() throws IOException {
        try (FileChannel channel = channel()) {
            return map(channel);
        }
    }

    private static MappedByteBuffer map(FileChannel channel) throws IOException {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    }

    private FileChannel channel() throws IOException {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.size() <= LONGEST) {
                return channel;
            }
            channel.close();
            throw new IOException("it is far too long");
        } catch (IOException e) {
            throw failed(CANNOT, file, e);
        }
    }

    /** A file of its own, since the marks file may be replaced. The kernel takes the lock off whoever dies. */
    private FileLock lock() throws IOException {
        Path path = directory.resolve(LOCK);
        FileChannel channel;
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                PrivateFile.check(path);
            }
            channel = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw failed(CANNOT, path, e);
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
        throw new StateInUseException("another agent has " + file + " open: each needs a state directory of its own");
    }

    /** The JDK's own messages name the path too, and are often no more than that. */
    static IOException failed(String what, Path path, IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof FileSystemException f) {
            message = f.getReason() == null ? e.getClass().getSimpleName() : f.getReason();
        }
        String named = path + ": ";
        return new IOException(what + " " + (message.startsWith(named) ? message : named + message), e);
    }
}
