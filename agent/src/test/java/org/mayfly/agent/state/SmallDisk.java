package org.mayfly.agent.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;

/**
 * A process in a mount namespace of its own, with a small disk of its own: {@link SmallDiskTest} starts it. It plays the
 * method that it is told to, and says what it saw, one line each.
 */
final class SmallDisk {
    private static final UUID BOOT = UUID.randomUUID();
    private static final int KEYS = 1000;
    private static final long NOW = 1_000_000;

    final Path disk;

    private SmallDisk(Path disk) {
        this.disk = disk;
    }

    /** @param args the disk, and what to play */
    public static void main(String[] args) throws Exception {
        SmallDisk child = new SmallDisk(Path.of(args[0]));
        switch (args[1]) {
            case "fullAtTheStart" -> child.fullAtTheStart();
            case "fullWhileItRuns" -> child.fullWhileItRuns();
            case "roomLater" -> new LaterLeases(child).roomLater();
            case "stillFull" -> new LaterLeases(child).stillFull();
            case "holes" -> child.holes();
            case "cutShort" -> child.cutShort();
            case "readOnlyAtTheStart" -> child.readOnlyAtTheStart();
            case "readOnlyWhileItRuns" -> child.readOnlyWhileItRuns();
            case "failing" -> child.failing();
            default -> throw new IllegalArgumentException(args[1]);
        }
    }

    static void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        System.out.println(line);
    }

    void fill() throws IOException {
        try (FileChannel out = FileChannel.open(
                disk.resolve("fill"), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            while (true) {
                out.write(ByteBuffer.allocate(4096));
            }
        } catch (IOException e) {
            // full, which is what was wanted
        }
    }

    void makeRoom() throws IOException {
        Files.delete(disk.resolve("fill"));
    }

    private boolean mount(String options) throws Exception {
        Process p = new ProcessBuilder("mount", "-o", "remount," + options, disk.toString())
                .redirectErrorStream(true)
                .start();
        p.getInputStream().readAllBytes();
        return p.waitFor() == 0;
    }

    /** The same, until it is done: a file that was mapped is open until the mapping is collected. */
    private boolean remount(String options) throws Exception {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!mount(options)) {
            if (System.nanoTime() > end) {
                return false;
            }
            System.gc();
        }
        return true;
    }

    private StoredMarks marks() throws IOException {
        return StoredMarks.open(disk, KEYS, false);
    }

    StoredLeases leases() {
        return StoredLeases.open(disk, new Still(), BOOT);
    }

    private static final class Still implements Clock {
        @Override
        public long monotonicNanos() {
            return NOW;
        }

        @Override
        public long wallNanos() {
            return NOW;
        }
    }

    static LeaseRecord lease(int number) {
        Permit permit = new Permit(Ip6Address.parse("2001:db8:c::7"), 128, new Ip6Address(number, 1), Protocol.TCP, 22);
        return new LeaseRecord(false, number, "alice", "ssh", permit, 0, number, 2 * NOW + number, 3 * NOW);
    }

    static List<String> ids(Map<Integer, LeaseRecord> leases) {
        List<String> ids = new ArrayList<>();
        leases.values().forEach(l -> ids.add(String.format("%08x", l.id())));
        ids.sort(null);
        return ids;
    }

    private void fullAtTheStart() throws Exception {
        fill();
        StoredMarks marks = marks();
        say("marks", marks.kept(), marks.problem());
        marks.raise(marks.slot(7), 100);
        marks.floor(100);
        say("still", marks.kept(), marks.trusted());
        StoredLeases leases = leases();
        say("leases", leases.problem());
        int kept = leases.put(LeaseStore.NONE, lease(1));
        int gone = leases.put(LeaseStore.NONE, lease(2));
        leases.remove(gone);
        say("retry", leases.retry());

        makeRoom();
        marks.use(marks.reopen());
        say("room", marks.kept(), marks.problem(), marks.trusted());
        say("retry", leases.retry(), leases.problem());
        kept = leases.put(kept, lease(3));
        leases.remove(leases.put(LeaseStore.NONE, lease(4)));
        say("written", ids(LeaseFileTest.written(leases())));
        leases.remove(kept);
        say("written", ids(LeaseFileTest.written(leases())));
    }

    private void fullWhileItRuns() throws Exception {
        StoredMarks marks = marks();
        StoredLeases leases = leases();
        leases.put(LeaseStore.NONE, lease(1));
        marks.floor(1);
        fill();
        for (int key = 0; key < KEYS; key++) {
            marks.raise(marks.slot(key), 100 + key);
        }
        marks.probe();
        say("marks", marks.kept());
        int written = -1;
        for (int i = 2; leases.problem().isEmpty(); i++) {
            leases.put(LeaseStore.NONE, lease(i));
            written++;
        }
        say("leases", written == 4096 / LeaseLine.LENGTH - 2, leases.problem());
        marks.close();
        StoredMarks next = marks();
        say(
                "next",
                next.kept(),
                next.trusted(),
                next.stamp(next.slot(KEYS - 1)),
                LeaseFileTest.written(leases()).size());
    }

    /** A marks file that somebody copied without what was zero in it. */
    private void holes() throws Exception {
        marks().close();
        byte[] head = Files.readAllBytes(disk.resolve(MarksOpening.NAME));
        try (FileChannel file = FileChannel.open(disk.resolve(MarksOpening.NAME), StandardOpenOption.WRITE)) {
            file.truncate(4096);
            file.write(ByteBuffer.allocate(1), head.length - 1);
        }
        fill();
        StoredMarks marks = marks();
        say("marks", marks.kept(), marks.problem());
        makeRoom();
        marks.use(marks.reopen());
        fill();
        for (int key = 0; key < KEYS; key++) {
            marks.raise(marks.slot(key), 100);
        }
        say("room", marks.kept());
    }

    /** Somebody cuts the file short while it is mapped. */
    private void cutShort() throws Exception {
        StoredMarks marks = marks();
        marks.floor(1);
        int[] slots = new int[KEYS];
        for (int key = 0; key < KEYS; key++) {
            slots[key] = marks.slot(key);
        }
        for (int stamp = 2; stamp < 50; stamp++) { // until it runs as machine code
            for (int slot : slots) {
                marks.raise(slot, stamp);
            }
        }
        try (FileChannel file = FileChannel.open(disk.resolve(MarksOpening.NAME), StandardOpenOption.WRITE)) {
            file.truncate(4096);
        }
        marks.raise(slots[KEYS - 1], 77);
        say("marks", marks.kept(), marks.problem());
        marks.use(marks.reopen());
        say("again", marks.kept(), marks.trusted(), marks.stamp(marks.slot(KEYS - 1)), marks.note());
    }

    /** In a method of its own, or what is mapped would not be collected. */
    private void raised() throws IOException {
        try (StoredMarks marks = marks()) {
            marks.floor(1);
            marks.raise(marks.slot(7), 100);
        }
    }

    private void readOnlyAtTheStart() throws Exception {
        raised();
        StoredLeases written = leases();
        written.put(LeaseStore.NONE, lease(1));
        written.put(LeaseStore.NONE, lease(2));
        written.close();
        say("remounted", remount("ro"));
        StoredMarks marks = marks();
        say("marks", marks.kept(), marks.problem());
        StoredLeases leases = leases();
        say("leases", leases.problem());
        Map<Integer, LeaseRecord> found = LeaseFileTest.written(leases);
        say("found", ids(found), found.values().stream().allMatch(l -> l.windowEnd() == NOW));
        leases.read((lease, slot) -> {
            if (lease.id() == 1) {
                remove(leases, slot);
            }
        });
        say("retry", leases.retry());
        say("remounted", mount("rw"));
        marks.use(marks.reopen());
        say("marks", marks.kept(), marks.trusted(), marks.stamp(marks.slot(7)));
        say("retry", leases.retry(), ids(LeaseFileTest.written(leases())));
    }

    private static void remove(StoredLeases leases, int slot) {
        try {
            leases.remove(slot);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void notReadOnly() throws Exception {
        try (StoredMarks marks = marks()) {
            say("remounted", mount("ro"), marks.kept());
        }
    }

    private void readOnlyWhileItRuns() throws Exception {
        notReadOnly();
        say("remounted", remount("ro"));
    }

    /** The disk fails, and its file system makes itself read-only. */
    private void failing() throws Exception {
        StoredMarks marks = marks();
        StoredLeases leases = leases();
        marks.floor(1);
        marks.probe();
        say("marks", marks.kept());
        say("remounted", mount("abort"));
        try {
            Files.createFile(disk.resolve("new"));
        } catch (IOException e) {
            say("it is read-only");
        }
        marks.raise(marks.slot(7), 100);
        try {
            marks.probe();
        } catch (IOException e) {
            marks.lost(String.valueOf(e.getMessage()));
        }
        say("marks", marks.kept(), marks.problem());
        leases.put(LeaseStore.NONE, lease(1));
        say("leases", leases.problem());
        marks.close();
    }
}
