package org.mayfly.agent.endurance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.netlink.testing.Lab;

/**
 * Ten thousand doors, knocked for and expired on the real kernel, with {@code nft} and {@code ip} as the judges of what
 * is there: afterwards nothing is left in the kernel, no descriptor is open, and no memory is held.
 */
@Timeout(60)
final class TenThousandDoorsTest {
    private static final int DOORS = 10_000;
    private static final int LIMIT = 1000;
    private static final Pattern DOOR = Pattern.compile("2001:db8:d:0?:[0-9a-f:]+");

    /** What a round of all doors may leave on the heap: less than a map needs to remember each of them. */
    private static final long HELD = 30L * DOORS;

    private final Lab lab = new Lab();
    private final Lab.Host host = lab.host();

    TenThousandDoorsTest() throws Exception {}

    @BeforeEach
    void connect() throws Exception {
        lab.join(host, "eth0", lab.host(), "eth0");
    }

    @AfterEach
    void close() {
        lab.close();
    }

    /** All at once, three times over; the time is enough to knock for all of them on a machine that is busy. */
    @Test
    void atOnceInAPrefixThatIsRouted() throws Exception {
        Duration lease = Duration.ofSeconds(9);
        List<Long> heap = new ArrayList<>();
        List<String> before = descriptors();
        try (NetlinkKernel kernel = host.call(() -> NetlinkKernel.open("mayfly"))) {
            Knocking k = new Knocking(kernel, DoorMode.ANYIP, "eth0", DOORS, lease);
            for (int round = 1; round <= 3; round++) {
                for (int i = 0; i < DOORS; i++) {
                    assertEquals(Verdict.ACCEPTED, k.knock());
                }
                assertEquals(Verdict.DOORS, k.knock());
                assertEquals(DOORS, permits());
                k.untilAllAreOver();
                assertEquals(round * DOORS, k.opened());
                assertEquals(round * DOORS, k.ended());
                assertEquals(0, permits());
                heap.add(heapInUse());
            }
            kernel.uninstall();
        }
        assertNothingIsLeft();
        assertNothingIsHeld(heap);
        assertEquals(before, descriptors());
    }

    /** As many at a time as may be, a new one whenever an old one is over. */
    @Test
    void oneAfterTheOtherOnTheLink() throws Exception {
        Duration lease = Duration.ofSeconds(1);
        List<Long> heap = new ArrayList<>();
        List<String> before = descriptors();
        int most = 0;
        try (NetlinkKernel kernel = host.call(() -> NetlinkKernel.open("mayfly"))) {
            Knocking k = new Knocking(kernel, DoorMode.ADDRESS, "eth0", LIMIT, lease);
            for (int half = 1; half <= 2; half++) {
                while (k.opened() < half * DOORS / 2) {
                    Verdict verdict = k.knock();
                    most = Math.max(most, k.live());
                    if (verdict != Verdict.ACCEPTED) {
                        assertEquals(Verdict.DOORS, verdict);
                        assertEquals(LIMIT, k.live());
                        k.untilOneIsOver();
                    }
                }
                k.untilAllAreOver();
                assertEquals(k.opened(), k.ended());
                assertEquals(0, addresses());
                heap.add(heapInUse());
            }
            assertEquals(LIMIT, most);
            kernel.uninstall();
        }
        assertNothingIsLeft();
        assertNothingIsHeld(heap);
        assertEquals(before, descriptors());
    }

    private long permits() throws Exception {
        return doorsIn(host.run("nft", "list", "set", "inet", "mayfly", "permits"));
    }

    private long addresses() throws Exception {
        return doorsIn(host.run("ip", "-6", "address", "show", "dev", "eth0"));
    }

    private static long doorsIn(String text) {
        return DOOR.matcher(text).results().count();
    }

    private void assertNothingIsLeft() throws Exception {
        assertEquals("", host.run("nft", "list", "ruleset"));
        assertEquals(0, addresses());
        String routes = host.run("ip", "-6", "route", "show", "table", "all");
        assertFalse(DOOR.matcher(routes).find(), routes);
    }

    /** What the first round leaves is caches and compiled code; each one after it leaves nothing. */
    private static void assertNothingIsHeld(List<Long> heap) {
        for (int i = 1; i < heap.size(); i++) {
            assertTrue(heap.get(i) - heap.get(i - 1) < HELD, () -> "bytes in use after each round: " + heap);
        }
    }

    private static long heapInUse() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) { // the least of some, for other threads allocate too
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /** Sockets, pipes and the like. The files that are open are jars, and Java opens one when it needs a class of it. */
    private static List<String> descriptors() throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : (Iterable<Path>) all::iterator) {
                if (Files.isSymbolicLink(fd)) { // the one that lists them has gone meanwhile
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!target.startsWith("/")) {
                        open.add(target);
                    }
                }
            }
        }
        return open.stream().sorted().toList();
    }
}
