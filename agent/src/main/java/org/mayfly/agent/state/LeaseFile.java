package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;

/**
 * The leases of this run of the kernel, in lines of one file.
 *
 * <pre>
 *  line 0      | magic u64 | version u32 | 0 u32 | boot id, 16 octets | 0 … |
 *  line 1 …    | a {@link LeaseLine}, or a free one |
 * </pre>
 *
 * <p>A line is written by one write(2) within a page, which a {@code kill -9} does not divide, and is in the page cache
 * then, where it stays as long as the kernel does. So does what the kernel has of the lease: after a reboot both are
 * gone, and the file is begun anew. Nothing is forced to the disk. One thread only, and one agent: the lock is that of
 * the replay marks.
 */
final class LeaseFile implements LeaseStore, AutoCloseable {
    static final String NAME = "leases";
    static final String DAMAGED = "leases.damaged";

    private static final long MAGIC = 0x4d4159464c594c53L; // "MAYFLYLS"
    private static final int VERSION = 2; // 1 had no key ids
    private static final int BOOT = 16;
    private static final int LINES_AT_A_TIME = 512;

    /** More leases than there may be doors; a longer file would take long to read, and is none of ours. */
    private static final int MOST_LINES = 1 << 22;

    private final Path path;
    private final FileChannel channel;
    private final ByteBuffer line = ByteBuffer.allocateDirect(LeaseLine.LENGTH);
    private int[] free = new int[16];
    private int freeCount;
    private int lines = 1;
    private String note;

    private LeaseFile(Path path, FileChannel channel, String note) {
        this.path = path;
        this.channel = channel;
        this.note = note;
    }

    /**
     * Opens {@code leases} in the state directory, or makes it.
     *
     * @throws IOException one line: it cannot be read or written, or others may use it
     */
    static LeaseFile open(Path directory, UUID boot) throws IOException {
        return open(directory, boot, false);
    }

    /** The same, and forgets what is in it. */
    static LeaseFile openEmpty(Path directory, UUID boot) throws IOException {
        return open(directory, boot, true);
    }

    private static LeaseFile open(Path directory, UUID boot, boolean anew) throws IOException {
        Path file = directory.resolve(NAME);
        try {
            PrivateFile.directory(directory);
            String note = "";
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                PrivateFile.check(file);
                note = setAside(file, directory.resolve(DAMAGED));
            }
            FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            LeaseFile leases = new LeaseFile(file, channel, note);
            try {
                leases.begin(boot, anew);
                return leases;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw MarksOpening.failed("leases cannot be written down:", file, e);
        }
    }

    /** Tells what is in {@code leases} and sound, where it cannot be written; nothing where it cannot be read either. */
    static void read(Path directory, UUID boot, ObjIntConsumer<LeaseRecord> each) {
        Path file = directory.resolve(NAME);
        try {
            PrivateFile.check(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                LeaseFile leases = new LeaseFile(file, channel, "");
                if (problem(channel) == null && isOf(boot, head(channel))) {
                    leases.read(each);
                }
            }
        } catch (IOException e) {
            // that there is something wrong with it was told when it could not be written
        }
    }

    /** A file that is none of ours is kept for whoever wants to know; the leases in it end. */
    private static String setAside(Path file, Path kept) throws IOException {
        String problem;
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            problem = problem(in);
        }
        if (problem == null) {
            return "";
        }
        Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return file + " was damaged: " + problem + "; it is kept as " + kept + ", and doors that were open are closed";
    }

    private static @Nullable String problem(FileChannel in) throws IOException {
        ByteBuffer head = head(in);
        if (in.size() > (long) MOST_LINES * LeaseLine.LENGTH) {
            return "it is far too long";
        }
        boolean ours = in.size() == 0 || head.getLong(0) == MAGIC && head.getInt(8) == VERSION;
        return ours ? null : "it is no file of leases";
    }

    private static ByteBuffer head(FileChannel in) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(LeaseLine.LENGTH);
        readFully(in, head, 0);
        return head;
    }

    private static boolean isOf(UUID boot, ByteBuffer head) {
        return head.getLong(BOOT) == boot.getMostSignificantBits()
                && head.getLong(BOOT + 8) == boot.getLeastSignificantBits();
    }

    private void begin(UUID boot, boolean anew) throws IOException {
        ByteBuffer head = head(channel);
        if (anew || !isOf(boot, head)) {
            clear();
            head.clear().putLong(0, MAGIC).putInt(8, VERSION);
            head.putLong(BOOT, boot.getMostSignificantBits()).putLong(BOOT + 8, boot.getLeastSignificantBits());
            write(head, 0);
        }
        List<Integer> bad = look();
        for (int slot : bad) {
            remove(slot); // so that it is told once
        }
        if (!bad.isEmpty()) {
            note = bad.size() + " leases could not be read again: their doors are closed";
        }
    }

    /** Finds the lines that are free. @return those that are damaged */
    private List<Integer> look() throws IOException {
        List<Integer> bad = new ArrayList<>();
        lines((line, slot) -> {
            if (LeaseLine.isFree(line)) {
                release(slot);
            } else if (LeaseLine.read(line, slot) == null) {
                bad.add(slot);
            }
        });
        return bad;
    }

    /** Forgets everything. */
    void clear() throws IOException {
        channel.truncate(0);
    }

    @Override
    public void read(ObjIntConsumer<LeaseRecord> each) throws IOException {
        read(true, each);
        read(false, each);
    }

    private void read(boolean cut, ObjIntConsumer<LeaseRecord> each) throws IOException {
        lines((line, slot) -> {
            boolean wanted = !LeaseLine.isFree(line) && LeaseLine.isCut(line) == cut;
            LeaseRecord lease = wanted ? LeaseLine.read(line, slot) : null;
            if (lease != null) {
                each.accept(lease, slot);
            }
        });
    }

    private void lines(ObjIntConsumer<ByteBuffer> each) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(LINES_AT_A_TIME * LeaseLine.LENGTH);
        lines = Math.max(1, (int) (channel.size() / LeaseLine.LENGTH));
        for (int first = 1; first < lines; first += LINES_AT_A_TIME) {
            readFully(channel, block, (long) first * LeaseLine.LENGTH);
            for (int i = 0; i < LINES_AT_A_TIME && first + i < lines; i++) {
                each.accept(block.slice(i * LeaseLine.LENGTH, LeaseLine.LENGTH), first + i);
            }
        }
    }

    /** What an operator should know of the opening, in one line; empty if nothing. */
    String note() {
        return note;
    }

    Path path() {
        return path;
    }

    @Override
    public int put(int slot, LeaseRecord lease) throws IOException {
        int at = slot != NONE ? slot : next();
        LeaseLine.write(line, at, lease);
        write(line, at);
        if (slot == NONE && freeCount > 0) {
            freeCount--;
        }
        lines = Math.max(lines, at + 1);
        return at;
    }

    /** The line for the next that is new. */
    private int next() throws IOException {
        if (freeCount > 0) {
            return free[freeCount - 1];
        }
        if (lines >= MOST_LINES) {
            throw new IOException("it has room for " + MOST_LINES + " leases");
        }
        return lines;
    }

    /** Writes a free line where the next lease goes, for the disk to refuse. */
    void probe() throws IOException {
        write(ByteBuffer.allocate(LeaseLine.LENGTH), next());
    }

    @Override
    public void remove(int slot) throws IOException {
        if (slot == NONE) {
            return;
        }
        strike(slot);
        release(slot);
    }

    private void strike(int slot) throws IOException {
        line.clear().limit(Long.BYTES);
        line.putLong(0, 0);
        while (line.hasRemaining()) {
            channel.write(line, (long) slot * LeaseLine.LENGTH + line.position());
        }
    }

    private void release(int slot) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = slot;
    }

    private void write(ByteBuffer whole, int slot) throws IOException {
        whole.clear();
        while (whole.hasRemaining()) {
            channel.write(whole, (long) slot * LeaseLine.LENGTH + whole.position());
        }
    }

    /** What the file is too short for stays zero. */
    private static void readFully(FileChannel in, ByteBuffer b, long at) throws IOException {
        b.clear();
        while (b.hasRemaining() && in.read(b, at + b.position()) >= 0) {
            // goes on
        }
        while (b.hasRemaining()) {
            b.put((byte) 0);
        }
        b.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
