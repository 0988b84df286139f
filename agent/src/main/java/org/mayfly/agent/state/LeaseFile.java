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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
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
public final class LeaseFile implements LeaseStore, AutoCloseable {
    static final String NAME = "leases";
    static final String DAMAGED = "leases.damaged";

    private static final long MAGIC = 0x4d4159464c594c53L; // "MAYFLYLS"
    private static final int VERSION = 1;
    private static final int BOOT = 16;
    private static final int LINES_AT_A_TIME = 512;

    private final FileChannel channel;
    private final ByteBuffer line = ByteBuffer.allocateDirect(LeaseLine.LENGTH);
    private final Map<Integer, LeaseRecord> found = new LinkedHashMap<>();
    private int[] free = new int[16];
    private int freeCount;
    private int lines = 1;
    private String note = "";

    private LeaseFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens {@code leases} in the state directory, or makes it.
     *
     * @throws IOException one line: it cannot be read or written, or others may use it
     */
    public static LeaseFile open(Path stateDirectory) throws IOException {
        return open(stateDirectory, MarksOpening.boot());
    }

    static LeaseFile open(Path directory, UUID boot) throws IOException {
        PrivateFile.directory(directory);
        Path file = directory.resolve(NAME);
        String note = "";
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                PrivateFile.check(file);
                note = setAside(file, directory.resolve(DAMAGED));
            }
            LeaseFile leases = new LeaseFile(FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
            leases.note = note;
            leases.begin(boot);
            return leases;
        } catch (IOException e) {
            throw MarksOpening.failed("leases cannot be written down:", file, e);
        }
    }

    /** A file that is none of ours is kept for whoever wants to know; the leases in it end. */
    private static String setAside(Path file, Path kept) throws IOException {
        String problem = null;
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate(LeaseLine.LENGTH);
            readFully(in, head, 0);
            boolean empty = in.size() == 0;
            problem = empty || head.getLong(0) == MAGIC && head.getInt(8) == VERSION ? null : "it is no file of leases";
        }
        if (problem == null) {
            return "";
        }
        Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return file + " was damaged: " + problem + "; it is kept as " + kept + ", and doors that were open are closed";
    }

    private void begin(UUID boot) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(LeaseLine.LENGTH);
        readFully(channel, head, 0);
        boolean sameBoot = head.getLong(BOOT) == boot.getMostSignificantBits()
                && head.getLong(BOOT + 8) == boot.getLeastSignificantBits();
        if (!sameBoot) {
            channel.truncate(0);
            head.clear().putLong(0, MAGIC).putInt(8, VERSION);
            head.putLong(BOOT, boot.getMostSignificantBits()).putLong(BOOT + 8, boot.getLeastSignificantBits());
            write(head, 0);
        }
        read();
    }

    private void read() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(LINES_AT_A_TIME * LeaseLine.LENGTH);
        int bad = 0;
        int count = (int) (channel.size() / LeaseLine.LENGTH);
        for (int first = 1; first < count; first += LINES_AT_A_TIME) {
            readFully(channel, block, (long) first * LeaseLine.LENGTH);
            for (int i = 0; i < LINES_AT_A_TIME && first + i < count; i++) {
                bad += take(block.slice(i * LeaseLine.LENGTH, LeaseLine.LENGTH), first + i);
            }
        }
        lines = Math.max(1, count);
        if (bad > 0) {
            note = bad + " leases could not be read again: their doors are closed";
        }
    }

    /** @return 1 if it is damaged */
    private int take(ByteBuffer bytes, int slot) throws IOException {
        LeaseRecord lease = LeaseLine.isFree(bytes) ? null : LeaseLine.read(bytes, slot);
        if (lease != null) {
            found.put(slot, lease);
            return 0;
        }
        boolean damaged = !LeaseLine.isFree(bytes);
        if (damaged) {
            remove(slot);
        } else {
            release(slot);
        }
        return damaged ? 1 : 0;
    }

    /** What was there when it was opened, by slot; gone afterwards. */
    public Map<Integer, LeaseRecord> takeFound() {
        Map<Integer, LeaseRecord> taken = new LinkedHashMap<>(found);
        found.clear();
        return taken;
    }

    /** What an operator should know of the opening, in one line; empty if nothing. */
    public String note() {
        return note;
    }

    @Override
    public int put(int slot, LeaseRecord lease) throws IOException {
        int at = slot != NONE ? slot : freeCount > 0 ? free[freeCount - 1] : lines;
        LeaseLine.write(line, at, lease);
        write(line, at);
        if (slot == NONE && freeCount > 0) {
            freeCount--;
        }
        lines = Math.max(lines, at + 1);
        return at;
    }

    @Override
    public void remove(int slot) throws IOException {
        if (slot == NONE) {
            return;
        }
        line.clear().limit(Long.BYTES);
        line.putLong(0, 0);
        while (line.hasRemaining()) {
            channel.write(line, (long) slot * LeaseLine.LENGTH + line.position());
        }
        release(slot);
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
        while (b.hasRemaining()) {
            b.put((byte) 0);
        }
        b.clear();
        while (b.hasRemaining() && in.read(b, at + b.position()) >= 0) {
            // goes on
        }
        b.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
