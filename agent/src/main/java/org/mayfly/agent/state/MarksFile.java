package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.mayfly.agent.core.Marks;

/**
 * Replay marks in a file that is mapped into memory.
 *
 * <pre>
 *  0        8        16       24       32                       64
 * +--------+--------+--------+--------+------------------------+-----------------------------------
 * | magic  | slots  | clean  | floor  | boot id, 32 hex digits… | slots: | key id | stamp | check |
 * +--------+--------+--------+--------+------------------------+-----------------------------------
 * </pre>
 *
 * <p>A {@code kill -9} loses nothing: every store is in the page cache, which outlives the process. A power cut may lose
 * what the kernel had not written yet. So after one, which a different boot id tells, the marks are trusted only if they
 * were closed properly; else {@link #trusted} is false and the file is made anew.
 */
public final class MarksFile implements Marks, AutoCloseable {
    private static final String NAME = "marks";
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private static final long MAGIC = 0x6d61_7966_6c79_0001L; // "mayfly", version 1
    private static final int SLOTS_AT = 8;
    private static final int CLEAN_AT = 16;
    private static final int FLOOR_AT = 24;
    private static final int BOOT_AT = 32;
    private static final int BOOT_LENGTH = 32;
    private static final int HEADER = 64;
    private static final int SLOT = 24;
    private static final int STAMP_AT = 8;
    private static final int CHECK_AT = 16;

    /** The floor until the agent has set one: nothing is above it, also if the agent is killed while it waits. */
    private static final long NOT_YET = Long.MAX_VALUE;

    private final MappedByteBuffer map;
    private final Map<Long, Integer> slots = new HashMap<>();
    private final int capacity;
    private final boolean trusted;
    private final String note;
    private int used;

    private MarksFile(MappedByteBuffer map, int capacity, boolean trusted, String note) {
        this.map = map;
        this.capacity = capacity;
        this.trusted = trusted;
        this.note = note;
        while (used < capacity && map.getLong(HEADER + used * SLOT + CHECK_AT) != 0) {
            slots.put(map.getLong(HEADER + used * SLOT), used);
            used++;
        }
    }

    /**
     * Opens the marks, or makes them.
     *
     * @param capacity keys there is room for, rotated and removed ones included
     * @param newServer whether the server's identity was made just now: then no mark can have been lost
     * @throws IOException if the file can neither be used nor made anew
     */
    public static MarksFile open(Path stateDirectory, int capacity, boolean newServer) throws IOException {
        return open(stateDirectory, capacity, newServer, Files.readString(BOOT_ID));
    }

    static MarksFile open(Path stateDirectory, int capacity, boolean newServer, String bootText) throws IOException {
        PrivateFile.directory(stateDirectory);
        Path file = stateDirectory.resolve(NAME);
        String boot = bootText.replaceAll("[^0-9a-f]", "");
        String wrong = newServer ? "" : "there were no replay marks";
        if (Files.exists(file)) {
            PrivateFile.check(file);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                wrong = problem(channel, boot);
                if (wrong.isEmpty()) {
                    return reopened(channel, boot);
                }
            }
            Files.move(file, stateDirectory.resolve(NAME + ".damaged"), StandardCopyOption.REPLACE_EXISTING);
        }
        return made(file, capacity, boot, wrong);
    }

    /** Why the marks in there cannot be sworn by; empty if they can. */
    private static String problem(FileChannel channel, String boot) throws IOException {
        long size = channel.size();
        if (size < HEADER || size > Integer.MAX_VALUE) {
            return "the replay marks were cut short";
        }
        MappedByteBuffer b = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
        if (b.getLong(0) != MAGIC || b.getLong(SLOTS_AT) < 1 || size != HEADER + b.getLong(SLOTS_AT) * SLOT) {
            return "the replay marks were damaged";
        }
        for (int at = HEADER; at < size; at += SLOT) {
            long key = b.getLong(at);
            long stamp = b.getLong(at + STAMP_AT);
            long check = b.getLong(at + CHECK_AT);
            boolean free = (key | stamp | check) == 0;
            if (!free && check != check(key, stamp)) {
                return "the replay marks were damaged";
            }
        }
        byte[] written = new byte[BOOT_LENGTH];
        b.get(BOOT_AT, written);
        boolean sameBoot = boot.equals(new String(written, StandardCharsets.US_ASCII));
        return sameBoot || b.getLong(CLEAN_AT) == 1
                ? ""
                : "the machine went down before the replay marks were on the disk";
    }

    private static MarksFile reopened(FileChannel channel, String boot) throws IOException {
        MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
        begin(map, boot);
        boolean waited = map.getLong(FLOOR_AT) != NOT_YET;
        return new MarksFile(
                map, (int) map.getLong(SLOTS_AT), waited, waited ? "" : "the wait for lost replay marks was not over");
    }

    private static MarksFile made(Path file, int capacity, String boot, String wrong) throws IOException {
        int size = HEADER + capacity * SLOT;
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer zeros =
                    ByteBuffer.allocate(size); // written, not sparse: a disk that fills up later does no harm
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            channel.force(true);
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, size);
            map.putLong(FLOOR_AT, wrong.isEmpty() ? Long.MIN_VALUE : NOT_YET);
            map.putLong(SLOTS_AT, capacity);
            begin(map, boot);
            map.putLong(0, MAGIC);
            return new MarksFile(map, capacity, wrong.isEmpty(), wrong);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new IOException(file + ": replay marks cannot be kept, and without them nothing is let in: " + e, e);
        }
    }

    /** From here on, only a clean close or the same boot vouches for what is in the file. */
    private static void begin(MappedByteBuffer map, String boot) {
        map.putLong(CLEAN_AT, 0);
        byte[] text = boot.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < BOOT_LENGTH; i++) {
            map.put(BOOT_AT + i, i < text.length ? text[i] : 0);
        }
        map.force(); // a power cut must not find the clean flag of the run before
    }

    /** Tells bytes that were once written here from others. Odd, so that it is never 0, which means free. */
    private static long check(long key, long stamp) {
        long h = (key ^ Long.rotateLeft(stamp, 29)) * 0x9e37_79b9_7f4a_7c15L;
        return h ^ h >>> 32 | 1;
    }

    @Override
    public int slot(long keyId) {
        Integer known = slots.get(keyId);
        if (known != null) {
            return known;
        }
        if (used == capacity) {
            throw new IllegalStateException(
                    "there are replay marks of " + capacity + " keys, and room for no more; remove the file marks");
        }
        int at = HEADER + used * SLOT;
        map.putLong(at, keyId);
        map.putLong(at + STAMP_AT, Long.MIN_VALUE);
        map.putLong(at + CHECK_AT, check(keyId, Long.MIN_VALUE)); // last: a slot counts once it has this
        slots.put(keyId, used);
        return used++;
    }

    @Override
    public long stamp(int slot) {
        return Math.max(map.getLong(HEADER + slot * SLOT + STAMP_AT), map.getLong(FLOOR_AT));
    }

    @Override
    public void raise(int slot, long stamp) {
        int at = HEADER + slot * SLOT;
        map.putLong(at + STAMP_AT, stamp);
        map.putLong(
                at + CHECK_AT, check(map.getLong(at), stamp)); // killed in between: damaged, and so refused for a while
    }

    @Override
    public void floor(long stamp) {
        map.putLong(FLOOR_AT, stamp);
    }

    @Override
    public boolean trusted() {
        return trusted;
    }

    /** Why the marks are not trusted; empty if they are. */
    public String note() {
        return note;
    }

    /** Puts everything on the disk, and then says so. */
    @Override
    public void close() {
        map.force();
        map.putLong(CLEAN_AT, 1);
        map.force();
    }
}
