package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;

/** The same calls on the real kernel and on the one in memory leave the same behind. Deadlines are far away. */
class SameMeaningTest {
    private static final int CALLS = 400;
    private static final long SEED = 20261121;

    private static final class RealClock implements Clock {
        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public long wallNanos() {
            return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofManyCalls(DoorMode mode) throws Exception {
        try (TwoHosts net = new TwoHosts()) {
            NetlinkKernel real = net.kernel();
            InMemoryKernel memory = new InMemoryKernel(new RealClock());
            run(mode, real, memory);
        }
    }

    private static void run(DoorMode mode, KernelPort real, KernelPort memory) throws KernelException {
        List<KernelPort> both = List.of(real, memory);
        Random random = new Random(SEED);
        for (KernelPort k : both) {
            stand(k, TwoHosts.guard(mode), Standing.NOTHING);
        }
        List<Permit> permits = permits(mode);
        for (int i = 0; i < CALLS; i++) {
            Permit p = permits.get(random.nextInt(permits.size()));
            int call = random.nextInt(8);
            Duration time = Duration.ofSeconds(100 + random.nextInt(1000));
            Standing standing = standing(permits, random);
            List<Integer> cut = new ArrayList<>();
            for (KernelPort k : both) {
                switch (call) {
                    case 0, 1, 2 -> k.open(p, time);
                    case 3 -> k.close(p);
                    case 4 -> cut.add(k.cut(p, time));
                    case 5 -> k.remove(p.door());
                    case 6 -> {
                        if (!p.isIpv4()) {
                            k.hold(p.door(), time);
                        }
                    }
                    default -> stand(k, TwoHosts.guard(mode), standing);
                }
            }
            assertEquals(1, new HashSet<>(cut.isEmpty() ? List.of(0) : cut).size(), "call " + i);
            assertSame(real, memory, "call " + i + ", kind " + call + ", " + p);
        }
        for (KernelPort k : both) {
            k.uninstall();
        }
        assertSame(real, memory, "at the end");
    }

    /** Some leases open, some in session, some of which only the memory of a cut is left. */
    private static Standing standing(List<Permit> permits, Random random) {
        Map<Permit, Duration> open = new LinkedHashMap<>();
        Map<Permit, Duration> cut = new LinkedHashMap<>();
        Map<Ip6Address, Duration> doors = new LinkedHashMap<>();
        for (Permit p : permits) {
            Duration time = Duration.ofSeconds(100 + random.nextInt(1000));
            int kind = random.nextInt(4);
            if (kind == 1) {
                open.put(p, time);
            } else if (kind == 2) {
                cut.put(p, time);
            }
            if (!p.isIpv4() && kind % 2 == 1) {
                doors.put(p.door(), time);
            }
        }
        return new Standing(open, cut, doors);
    }

    private static void assertSame(KernelPort real, KernelPort memory, String when) throws KernelException {
        assertEquals(memory.permits().keySet(), real.permits().keySet(), when);
        assertEquals(Set.copyOf(memory.addresses()), Set.copyOf(real.addresses()), when);
        var left = real.permits();
        memory.permits()
                .forEach((p, d) -> assertEquals(
                        d.toMillis() / 1000.0,
                        left.getOrDefault(p, Duration.ZERO).toMillis() / 1000.0,
                        2.0,
                        when));
    }

    private static List<Permit> permits(DoorMode mode) {
        Ip6Address door = mode == DoorMode.ADDRESS ? TwoHosts.DOOR : TwoHosts.ROUTED_DOOR;
        List<Permit> permits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Ip6Address d = new Ip6Address(door.high(), door.low() + i);
            permits.add(new Permit(TwoHosts.CLIENT, 128, d, Protocol.TCP, 22));
            permits.add(new Permit(TwoHosts.CLIENT.masked(64), 64, d, Protocol.UDP, 53));
            permits.add(new Permit(Ip6Address.UNSPECIFIED, 0, d, Protocol.TCP, 80 + i));
            permits.add(new Permit(TwoHosts.CLIENT4, 128, Ip6Address.UNSPECIFIED, Protocol.TCP, 22 + i));
        }
        return permits;
    }
}
