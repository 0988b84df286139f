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
@Timeout(120)
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

    /** All at once, and that twice, with time enough for a machine as busy as this one. */
    @Test
    void atOnceInAPrefixThatIsRouted() throws Exception {
        List<String> before = descriptors();
        List<Long> heap = new ArrayList<>();
        long lease = 5 + 3 * secondsForATenth();
        try (NetlinkKernel kernel = host.call(() -> NetlinkKernel.open("mayfly", false))) {
            Knocking k = new Knocking(kernel, DoorMode.ANYIP, "eth0", DOORS);
            for (int round = 1; round <= 2; round++) {
                openAndExpire(k, DOORS, lease);
                assertEquals(Verdict.ACCEPTED, k.knock(1)); // there is room again
                k.untilAllAreOver();
                heap.add(heapInUse());
            }
            assertEquals(2 * DOORS + 2, k.opened());
            assertEquals(k.opened(), k.ended());
            kernel.uninstall();
        }
        assertNothingIsLeft();
        assertNothingIsHeld(heap);
        assertNothingIsOpen(before);
    }

    private long secondsForATenth() throws Exception {
        long begun = System.nanoTime();
        try (NetlinkKernel kernel = host.call(() -> NetlinkKernel.open("mayfly", false))) {
            openAndExpire(new Knocking(kernel, DoorMode.ANYIP, "eth0", DOORS / 10), DOORS / 10, 3);
            kernel.uninstall();
        }
        return Duration.ofNanos(System.nanoTime() - begun).toSeconds() - 3;
    }

    private void openAndExpire(Knocking k, int doors, long leaseSeconds) throws Exception {
        for (int i = 0; i < doors; i++) {
            assertEquals(Verdict.ACCEPTED, k.knock(leaseSeconds));
        }
        assertEquals(doors, permits());
        assertEquals(Verdict.DOORS, k.knock(leaseSeconds));
        k.untilAllAreOver();
        assertEquals(0, permits());
    }

    /** As many at a time as may be, a new one whenever an old one is over. */
    @Test
    void oneAfterTheOtherOnTheLink() throws Exception {
        List<String> before = descriptors();
        List<Long> heap = new ArrayList<>();
        try (NetlinkKernel kernel = host.call(() -> NetlinkKernel.open("mayfly", false))) {
            Knocking k = new Knocking(kernel, DoorMode.ADDRESS, "eth0", LIMIT);
            int refused = 0;
            for (int half = 1; half <= 2; half++) {
                while (k.opened() < half * DOORS / 2) {
                    if (k.knock(1) != Verdict.ACCEPTED) {
                        assertEquals(LIMIT, k.live());
                        refused++;
                        k.untilOneIsOver();
                    }
                }
                assertTrue(addresses() > 0, "doors are addresses");
                k.untilAllAreOver();
                assertEquals(0, addresses());
                k.reload();
                heap.add(heapInUse());
            }
            assertTrue(refused > 0, "the limit was never reached");
            assertEquals(DOORS, k.ended());
            kernel.uninstall();
        }
        assertNothingIsLeft();
        assertNothingIsHeld(heap);
        assertNothingIsOpen(before);
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

    /** The first round may leave tables that have grown; the one after it, nothing. */
    private static void assertNothingIsHeld(List<Long> heap) {
        for (int i = 1; i < heap.size(); i++) {
            assertTrue(heap.get(i) - heap.get(i - 1) < HELD, () -> "bytes in use after each round: " + heap);
        }
    }

    private static void assertNothingIsOpen(List<String> before) throws IOException {
        List<String> open = new ArrayList<>(descriptors());
        open.removeAll(before);
        assertEquals(List.of(), open);
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

    /**
     * Sockets and the like. The files that are open are jars, and Java opens one when it needs a class of it; the pipes
     * are those of the judges, and end when their ends are collected.
     */
    private static List<String> descriptors() throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : (Iterable<Path>) all::iterator) {
                if (Files.isSymbolicLink(fd)) { // the one that lists them has gone meanwhile
                    String target = Files.readSymbolicLink(fd).toString();
                    if (!target.startsWith("/") && !target.startsWith("pipe:")) {
                        open.add(target);
                    }
                }
            }
        }
        return open.stream().sorted().toList();
    }
}
