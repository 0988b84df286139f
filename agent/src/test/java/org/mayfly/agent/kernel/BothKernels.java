package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.GATED;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;

/** The real kernel and the one in memory, to which the same happens. */
final class BothKernels {
    /** The real one takes an expired address down up to a second late, and the machine may be busy. */
    static final Duration LATE = Duration.ofSeconds(4);

    private static final Duration SOON = Duration.ofSeconds(2);

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

    private final TwoHosts net;
    private final Random random;
    private final NetlinkKernel real;
    private final InMemoryKernel memory = new InMemoryKernel(new RealClock());
    private final List<KernelPort> both;
    private final List<Guard> guards;
    private final List<Permit> permits;
    private final Map<Permit, List<Socket>> sockets = new LinkedHashMap<>();
    private int connections;

    /**
     * @param mode what most of the guards have first
     * @param permits what is opened and closed; a session belongs to one of them
     */
    BothKernels(TwoHosts net, Random random, DoorMode mode, List<Permit> permits) throws Exception {
        this.net = net;
        this.random = random;
        this.permits = permits;
        this.real = net.kernel();
        this.both = List.of(real, memory);
        Guard first = TwoHosts.guard(mode);
        Guard second = TwoHosts.guard(mode == DoorMode.ADDRESS ? DoorMode.ANYIP : DoorMode.ADDRESS);
        this.guards = List.of(first, first, join(first, second), join(first, second), join(second, first), second);
        stand(first, Standing.NOTHING);
    }

    private static Guard join(Guard first, Guard second) {
        List<DoorPrefix> doors = new ArrayList<>(first.doors());
        doors.addAll(second.doors());
        return new Guard(doors, first.gated());
    }

    int connections() {
        return connections;
    }

    /** Anything. What it was, for whoever has to find out why it is not the same. */
    String call() throws Exception {
        Permit p = permits.get(random.nextInt(permits.size()));
        Duration time = Duration.ofSeconds(100 + random.nextInt(1000));
        int kind = random.nextInt(40);
        if (kind < 14) {
            open(p, time);
        } else if (kind < 18) {
            each(k -> k.close(p));
        } else if (kind < 21) {
            cut(p, time);
        } else if (kind < 24) {
            each(k -> k.remove(p.door()));
        } else if (kind < 27) {
            hold(p, time);
        } else if (kind < 30) {
            Guard guard = guards.get(random.nextInt(guards.size()));
            stand(guard, standing(guard));
        } else if (kind < 32) {
            align(time);
        } else if (kind < 36) {
            session(p);
        } else if (kind < 37) {
            cutOthers(permits.stream().filter(q -> random.nextInt(4) != 0).toList());
        } else if (kind < 39) {
            sameReady(p);
        } else {
            each(KernelPort::uninstall);
            Guard guard = guards.get(random.nextInt(guards.size()));
            stand(guard, standing(guard));
        }
        return "kind " + kind + ", " + p;
    }

    @FunctionalInterface
    interface Deed {
        void on(KernelPort kernel) throws KernelException;
    }

    void each(Deed deed) throws KernelException {
        for (KernelPort k : both) {
            deed.on(k);
        }
    }

    void open(Permit p, Duration window) throws KernelException {
        boolean there = memory.open(p, window);
        boolean realThere = real.open(p, window);
        Guard guard = memory.guard();
        if (guard != null && guard.needsAddress(p.door()) && window.compareTo(LATE) > 0) {
            assertEquals(there, realThere, () -> "whether the door of " + p + " is up");
        }
    }

    void hold(Permit p, Duration life) throws KernelException {
        if (!p.isIpv4()) {
            each(k -> k.hold(p.door(), life));
        }
    }

    void cut(Permit p, Duration remembered) throws KernelException {
        assertEquals(memory.cut(p, remembered), real.cut(p, remembered), () -> "sessions cut of " + p);
    }

    void cutOthers(List<Permit> known) throws KernelException {
        assertEquals(
                memory.cutOthers(door -> known), real.cutOthers(door -> known), () -> "sessions cut but of " + known);
    }

    void stand(Guard guard, Standing standing) throws KernelException {
        each(k -> TwoHosts.stand(k, guard, standing));
    }

    /** Some of the doors that are up stay, for another time. */
    private void align(Duration time) throws KernelException {
        Map<Ip6Address, Duration> doors = new LinkedHashMap<>();
        memory.doors().keySet().stream().filter(d -> random.nextInt(4) != 0).forEach(d -> doors.put(d, time));
        Guard guard = memory.guard();
        doors.keySet().removeIf(d -> guard == null || !guard.needsAddress(d));
        each(k -> k.align(doors));
    }

    /** Some leases open, some in session, some of which only the memory of a cut is left. */
    private Standing standing(Guard guard) {
        Map<Permit, Duration> open = new LinkedHashMap<>();
        Map<Permit, Duration> cut = new LinkedHashMap<>();
        Map<Ip6Address, Duration> doors = new LinkedHashMap<>();
        for (Permit p : permits) {
            Duration time = Duration.ofSeconds(100 + random.nextInt(1000));
            int kind = random.nextInt(5);
            if (kind == 1 || kind == 4) {
                open.put(p, time);
            } else if (kind == 2) {
                cut.put(p, time);
            }
            if (guard.needsAddress(p.door()) && kind % 2 == 1) {
                doors.put(p.door(), time);
            }
        }
        return new Standing(open, cut, doors);
    }

    /** Somebody connects, or those who did go. */
    private void session(Permit p) throws Exception {
        List<Socket> up = sockets.getOrDefault(p, List.of());
        if (p.port() != GATED) {
            return;
        }
        if (!up.isEmpty() && memory.isReachable(p)) {
            for (Socket s : up) {
                s.close();
            }
            sockets.remove(p);
            memory.disconnect(p);
            await("the sessions of " + p + " have ended", () -> real.sessions(List.of(p))
                    .isEmpty());
        } else if (memory.standing().containsKey(p) && memory.isReachable(p)) {
            assertTrue(connects(p), () -> "let in on one alone: " + p);
        }
    }

    /** Whether both let it in. */
    boolean connects(Permit p) throws Exception {
        if (memory.isReachable(p)) {
            sameReady(p);
        }
        boolean let = memory.connect(p);
        Ip6Address from = p.isIpv4() ? TwoHosts.CLIENT4 : TwoHosts.CLIENT;
        Ip6Address to = p.isIpv4() ? TwoHosts.SERVER4 : p.door();
        if (!let) {
            boolean silent = net.silent(from, to, GATED);
            boolean still = !memory.standing().containsKey(p) || !memory.isReachable(p);
            assertTrue(silent || !still, () -> "let in by the real one alone: " + p);
            return false;
        }
        try {
            sockets.computeIfAbsent(p, q -> new ArrayList<>()).add(net.connect(from, to, GATED));
        } catch (SocketTimeoutException e) {
            throw new AssertionError("let in by the one in memory alone: " + p, e);
        }
        connections++;
        await("the session of " + p, () -> real.sessions(List.of(p)).equals(memory.sessions(List.of(p))));
        return true;
    }

    /** A permit that the one in memory refuses is refused by the real one. */
    void refusal() throws Exception {
        for (Permit p : permits) {
            boolean tcp = p.port() == GATED;
            if (tcp && !(memory.standing().containsKey(p) && memory.isReachable(p)) && !sockets.containsKey(p)) {
                Ip6Address to = p.isIpv4() ? TwoHosts.SERVER4 : p.door();
                Ip6Address from = p.isIpv4() ? TwoHosts.CLIENT4 : TwoHosts.CLIENT;
                try {
                    assertTrue(net.silent(from, to, GATED), () -> "let in by the real one alone: " + p);
                } catch (IOException e) {
                    // there is no such address
                }
                return;
            }
        }
    }

    private void sameReady(Permit p) throws Exception {
        if (!p.isIpv4()) {
            await("readiness of " + p.door(), () -> real.isReady(p.door()) == memory.isReady(p.door()));
        }
    }

    void assertSame(String when) throws Exception {
        assertSame(when, SOON);
    }

    /** Sooner or later, and at once where nothing ends by itself. */
    void assertSame(String when, Duration within) throws Exception {
        long end = System.nanoTime() + within.toNanos();
        LeftBehind there = LeftBehind.in(real, permits);
        LeftBehind ours = LeftBehind.in(memory, permits);
        while (System.nanoTime() < end && !there.isLike(ours)) {
            Thread.sleep(10);
            there = LeftBehind.in(real, permits);
            ours = LeftBehind.in(memory, permits);
        }
        there.assertLike(ours, when);
    }

    void awaitNothingLeft() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!memory.permits().isEmpty() || !memory.addresses().isEmpty()) {
            assertTrue(System.nanoTime() < end, "something has no end");
            Thread.sleep(50);
        }
        assertSame("when nothing is left", LATE);
    }

    @FunctionalInterface
    private interface Question {
        boolean ask() throws KernelException;
    }

    private static void await(String what, Question question) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!question.ask()) {
            assertTrue(System.nanoTime() < end, () -> what + ": not the same on both after ten seconds");
            Thread.sleep(1);
        }
    }
}
