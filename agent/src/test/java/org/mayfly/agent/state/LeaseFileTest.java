package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;

/** What is written down is there again, and what is not sound is not. A file that is not closed is one of a kill. */
final class LeaseFileTest {
    private static final UUID BOOT = UUID.randomUUID();

    @TempDir
    Path directory = Path.of("");

    private LeaseFile open() throws IOException {
        return LeaseFile.open(directory, BOOT);
    }

    private Path file() {
        return directory.resolve(LeaseFile.NAME);
    }

    private static LeaseRecord lease(int number) {
        Ip6Address door = new Ip6Address(0x2001_0db8_0000_0000L, number);
        Permit permit =
                switch (number % 3) {
                    case 0 -> new Permit(Ip6Address.parse("2001:db8:c::7"), 128, door, Protocol.TCP, 22);
                    case 1 -> new Permit(Ip6Address.parse("2001:db8:c::"), 64, door, Protocol.UDP, 65535);
                    default ->
                        new Permit(Ip6Address.parse("192.0.2.7"), 128, Ip6Address.UNSPECIFIED, Protocol.TCP, number);
                };
        return new LeaseRecord(
                number % 5 == 4,
                0xfffffff0 + number,
                "c".repeat(1 + number % 32),
                "s".repeat(1 + number % 16),
                permit,
                0x0123_4567_89ab_cdefL + number,
                number,
                -7,
                1L << 60);
    }

    /** What is written down, by slot. */
    static Map<Integer, LeaseRecord> written(LeaseStore leases) throws IOException {
        Map<Integer, LeaseRecord> written = new LinkedHashMap<>();
        leases.read((lease, slot) -> written.put(slot, lease));
        return written;
    }

    @Test
    void whatWasWrittenIsThereAfterAKill() throws IOException {
        LeaseFile killed = open();
        assertEquals(Map.of(), written(killed));
        for (int i = 0; i < 2000; i++) {
            assertEquals(i + 1, killed.put(LeaseStore.NONE, lease(i)));
        }
        LeaseRecord changed = lease(0);
        assertEquals(8, killed.put(8, changed));
        killed.remove(9);
        killed.remove(LeaseStore.NONE);
        LeaseFile next = open();
        Map<Integer, LeaseRecord> found = written(next);
        assertEquals(1999, found.size());
        assertEquals(changed, found.get(8));
        for (int i = 9; i < 2000; i++) {
            assertEquals(lease(i), found.get(i + 1));
        }
        assertEquals("", next.note());
    }

    @Test
    void linesAreUsedAgain() throws IOException {
        LeaseFile leases = open();
        for (int round = 0; round < 100; round++) {
            int a = leases.put(LeaseStore.NONE, lease(round));
            int b = leases.put(LeaseStore.NONE, lease(round + 1));
            leases.remove(a);
            leases.remove(b);
        }
        assertEquals(3 * LeaseLine.LENGTH, Files.size(file()));
        LeaseFile next = open();
        Set<Integer> slots = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            slots.add(next.put(LeaseStore.NONE, lease(i)));
        }
        assertEquals(Set.of(1, 2, 3, 4), slots);
    }

    @Test
    void afterARebootThereIsNothing() throws IOException {
        open().put(LeaseStore.NONE, lease(1));
        LeaseFile rebooted = LeaseFile.open(directory, UUID.randomUUID());
        assertEquals(Map.of(), written(rebooted));
        assertEquals("", rebooted.note());
    }

    /** Every byte of every line but what the names do not reach to. */
    @Test
    void aLineThatIsDamagedIsLeftOutAndTold() throws IOException {
        LeaseFile leases = open();
        leases.put(LeaseStore.NONE, lease(3));
        leases.put(LeaseStore.NONE, lease(4));
        leases.close();
        byte[] sound = Files.readAllBytes(file());
        for (int at = LeaseLine.LENGTH; at < 2 * LeaseLine.LENGTH; at++) {
            byte[] bad = sound.clone();
            bad[at] ^= 0x10;
            Files.write(file(), bad);
            try (LeaseFile opened = open()) {
                assertEquals(Map.of(2, lease(4)), written(opened), "byte " + at);
                assertTrue(opened.note().startsWith("1 leases could not be read"), opened.note());
            }
            try (LeaseFile again = open()) {
                assertEquals("", again.note(), "it is told once");
            }
        }
    }

    /** Whatever part of a line reached the file before the rest, there is the lease of before, the new one, or none. */
    @Test
    void aLineWrittenInPartIsNoThirdLease() throws IOException {
        LeaseFile leases = open();
        leases.put(LeaseStore.NONE, lease(3));
        byte[] before = Files.readAllBytes(file());
        leases.put(1, lease(33));
        leases.close();
        byte[] after = Files.readAllBytes(file());
        for (int part = 0; part <= LeaseLine.LENGTH; part++) {
            byte[] torn = before.clone();
            System.arraycopy(after, LeaseLine.LENGTH, torn, LeaseLine.LENGTH, part);
            Files.write(file(), torn);
            try (LeaseFile opened = open()) {
                LeaseRecord expected = Arrays.equals(torn, before) ? lease(3) : lease(33);
                boolean whole = Arrays.equals(torn, before) || Arrays.equals(torn, after);
                assertEquals(whole ? Map.of(1, expected) : Map.of(), written(opened), "after byte " + part);
            }
        }
    }

    @Test
    void aLineInAnotherPlaceIsNone() throws IOException {
        LeaseFile leases = open();
        leases.put(LeaseStore.NONE, lease(3));
        leases.close();
        byte[] sound = Files.readAllBytes(file());
        byte[] doubled = Arrays.copyOf(sound, 3 * LeaseLine.LENGTH);
        System.arraycopy(sound, LeaseLine.LENGTH, doubled, 2 * LeaseLine.LENGTH, LeaseLine.LENGTH);
        Files.write(file(), doubled);
        assertEquals(Map.of(1, lease(3)), written(open()));
    }

    @Test
    void aFileCutShortAnywhereIsNoReasonNotToStart() throws IOException {
        LeaseFile leases = open();
        leases.put(LeaseStore.NONE, lease(3));
        leases.put(LeaseStore.NONE, lease(4));
        leases.close();
        byte[] sound = Files.readAllBytes(file());
        for (int length = 0; length < sound.length; length++) {
            Files.write(file(), Arrays.copyOf(sound, length));
            try (LeaseFile opened = open()) {
                assertEquals(whole(length), written(opened).size(), "cut at " + length);
                assertEquals(whole(length) + 1, opened.put(LeaseStore.NONE, lease(5)), "cut at " + length);
            }
            assertEquals(whole(length) + 1, written(open()).size(), "cut at " + length);
        }
    }

    private static int whole(int length) {
        return Math.max(0, length / LeaseLine.LENGTH - 1);
    }

    @Test
    void whatIsNoFileOfLeasesIsSetAside() throws IOException {
        PrivateFile.write(file(), "somebody's shopping list".repeat(20));
        try (LeaseFile opened = open()) {
            assertEquals(Map.of(), written(opened));
            assertTrue(opened.note().contains("it is no file of leases; it is kept as"), opened.note());
        }
        assertTrue(Files.readString(directory.resolve(LeaseFile.DAMAGED)).startsWith("somebody"));
        open().put(LeaseStore.NONE, lease(1));
        assertEquals(1, written(open()).size());
    }

    @Test
    void aFileOfTheVersionWithoutKeyIdsIsSetAside() throws IOException {
        LeaseFile leases = open();
        leases.put(LeaseStore.NONE, lease(1));
        leases.close();
        byte[] old = Files.readAllBytes(file());
        old[11] = 1;
        Files.write(file(), old);
        try (LeaseFile opened = open()) {
            assertEquals(Map.of(), written(opened));
            assertTrue(Files.exists(directory.resolve(LeaseFile.DAMAGED)));
        }
    }

    @Test
    void itIsForItsOwnerOnly() throws IOException {
        open().close();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        IOException e = assertThrows(IOException.class, this::open);
        assertTrue(String.valueOf(e.getMessage()).contains("chmod 600"), e.getMessage());
    }

    @Test
    void whoWasCutOffIsToldFirst() throws IOException {
        LeaseFile leases = open();
        for (int i = 0; i < 20; i++) {
            leases.put(LeaseStore.NONE, lease(i));
        }
        List<Boolean> cut = new ArrayList<>();
        leases.read((lease, slot) -> cut.add(lease.cut()));
        assertEquals(20, cut.size());
        assertEquals(List.of(true, true, true, true), cut.subList(0, 4));
        assertEquals(4, cut.stream().filter(c -> c).count());
    }
}
