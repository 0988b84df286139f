package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.GATED;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;

/**
 * The same calls on the real kernel and on the one in memory leave the same behind, and let the same connections through.
 * {@code -Dmayfly.seed=N} chooses others.
 */
class SameMeaningTest {
    private static final int CALLS = 5_000;
    private static final long SEED = Long.getLong("mayfly.seed", 20261121);

    /** A refused connection is silence, and that takes time. */
    private static final int REFUSALS = 8;

    /** On each door and port one, so that a session is of one permit; the last ones are of other ports. */
    private static List<Permit> permits() {
        List<Permit> permits = new ArrayList<>();
        for (Ip6Address door : List.of(TwoHosts.DOOR, TwoHosts.ROUTED_DOOR)) {
            Ip6Address second = new Ip6Address(door.high(), door.low() + 1);
            Ip6Address third = new Ip6Address(door.high(), door.low() + 2);
            permits.add(TwoHosts.permit(TwoHosts.CLIENT, door));
            permits.add(new Permit(TwoHosts.CLIENT.masked(64), 64, second, Protocol.TCP, GATED));
            permits.add(new Permit(Ip6Address.UNSPECIFIED, 0, third, Protocol.TCP, GATED));
            permits.add(new Permit(TwoHosts.CLIENT, 128, door, Protocol.UDP, 53));
            permits.add(new Permit(Ip6Address.UNSPECIFIED, 0, third, Protocol.TCP, 80));
        }
        permits.add(TwoHosts.permit(TwoHosts.CLIENT4, Ip6Address.UNSPECIFIED));
        permits.add(new Permit(TwoHosts.CLIENT4, 128, Ip6Address.UNSPECIFIED, Protocol.UDP, 53));
        return permits;
    }

    @ParameterizedTest
    @EnumSource
    void ofManyCalls(DoorMode mode) throws Exception {
        System.out.println("same meaning: " + CALLS + " calls, " + mode + ", -Dmayfly.seed=" + SEED);
        try (TwoHosts net = new TwoHosts()) {
            BothKernels both = new BothKernels(net, new Random(SEED), mode, permits());
            for (int i = 0; i < CALLS; i++) {
                String call = both.call();
                both.assertSame("call " + i + ", " + call);
            }
            assertTrue(both.connections() > 50, () -> "only " + both.connections() + " connections");
            for (int i = 0; i < REFUSALS; i++) {
                both.refusal();
            }
            both.each(KernelPort::uninstall);
            both.assertSame("at the end");
        }
    }

    /** What is to live for a second or two is gone on both at about the same time. */
    @ParameterizedTest
    @EnumSource
    void ofWhatEndsByItself(DoorMode mode) throws Exception {
        Random random = new Random(SEED);
        try (TwoHosts net = new TwoHosts()) {
            BothKernels both = new BothKernels(net, random, mode, permits());
            for (int round = 0; round < 2; round++) {
                for (Permit p : permits()) {
                    both.open(p, Duration.ofMillis(1 + random.nextInt(1500)));
                    if (random.nextInt(3) == 0) {
                        both.hold(p, Duration.ofMillis(1 + random.nextInt(2000)));
                    }
                }
                both.assertSame("before the first end", Duration.ofSeconds(1));
                Thread.sleep(random.nextInt(1000)); // whenever it is, both say the same
                both.assertSame("in the midst of the ends", BothKernels.LATE);
            }
            both.awaitNothingLeft();
        }
    }

    /** What remembers a cut goes by itself, and whoever has a permit is let in again. */
    @Test
    void ofACutThatIsForgotten() throws Exception {
        try (TwoHosts net = new TwoHosts()) {
            BothKernels both = new BothKernels(net, new Random(SEED), DoorMode.ADDRESS, permits());
            both.stand(TwoHosts.guard(DoorMode.ADDRESS), Standing.NOTHING);
            Ip6Address door = TwoHosts.DOOR;
            Permit permit = TwoHosts.permit(TwoHosts.CLIENT, door);
            both.open(permit, Duration.ofMinutes(1));
            both.cut(new Permit(TwoHosts.CLIENT, 128, door, Protocol.UDP, GATED), Duration.ofSeconds(1));
            assertFalse(both.connects(permit), "a door belongs to one client, so its port does not count");
            long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (!both.connects(permit)) {
                assertTrue(System.nanoTime() < end, "still cut off");
            }
            both.assertSame("with a session");
            List<Permit> known = List.of();
            both.cutOthers(known);
            both.assertSame("without a session");
        }
    }
}
