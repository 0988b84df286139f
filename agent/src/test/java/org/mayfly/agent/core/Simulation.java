package org.mayfly.agent.core;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * An agent on the kernel in memory, to which one event after another happens; after each, what must always hold is
 * looked at. The same events give the same result.
 */
final class Simulation implements AgentListener {
    static final Quota QUOTA = new Quota(4, 3, Quota.Full.REFUSE);
    private static final Quota REPLACING = new Quota(4, 3, Quota.Full.REPLACE);
    static final int DOORS = 8;

    private static final List<String> NAMES = List.of("laptop", "phone", "server");
    private static final List<String> SERVICES = List.of("ssh", "git", "both");
    private static final List<String> CALLS = List.of(
            "open",
            "close",
            "cut",
            "hold",
            "remove",
            "sessions",
            "install",
            "rest",
            "align",
            "isReady",
            "announce",
            "cutOthers",
            "prefixes",
            "ownAddresses");
    private static final Ip6Address NAT = Ip6Address.parse("198.51.100.7");

    /** How far the server's clock may be from the right time. */
    private static final List<Duration> OFFSETS = List.of(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofSeconds(10),
            Duration.ofSeconds(-10),
            Duration.ofHours(1),
            Duration.ofHours(-1));

    /** Two addresses of IPv6, and one of IPv4 that is everybody's. */
    private static final List<Ip6Address> SOURCES = List.of(World.HOME, Ip6Address.parse("2001:db8:c::8"), NAT);

    /** Keys cost more to make than all else in a simulation. */
    record Cast(ServerIdentity server, List<KnockSender> keys, KnockSender decoy) {
        static Cast make() throws GeneralSecurityException {
            ServerIdentity server = ServerIdentity.create();
            List<KnockSender> keys = new ArrayList<>();
            for (int i = 0; i <= NAMES.size(); i++) {
                keys.add(ClientKeyset.create(server).keys().get(0));
            }
            return new Cast(server, keys, keys.remove(NAMES.size()));
        }
    }

    final FakeClock clock = new FakeClock();
    final InMemoryKernel kernel = new InMemoryKernel(clock);
    final MemoryLeases store = new MemoryLeases();
    private final MemoryMarks marks = new MemoryMarks(true);
    private final Cast cast;
    private final Map<String, Integer> seen;
    private final Random random = new Random(1);
    private final Set<String> enrolled = new TreeSet<>(NAMES);
    private final Map<String, Long> stamps = new HashMap<>();
    private final List<byte[]> accepted = new ArrayList<>();
    private Settings settings = World.settings(DoorMode.ADDRESS, QUOTA, DOORS);
    private Duration offset = Duration.ZERO;
    private int calm;
    private int room;

    /** Null while there is none. */
    @Nullable
    Agent agent;

    /** Something was lost or refused that makes some of the promises weaker; see {@link Promises}. */
    boolean diskWasFull;

    boolean callsFailed;
    private long faulted = Long.MIN_VALUE;

    /** Whether what the kernel refused has been tried again by now. */
    boolean isCalm() {
        return calm == 0 && clock.monotonicNanos() - Duration.ofSeconds(2).toNanos() > faulted;
    }

    /**
     * @param seen what has happened is counted there
     */
    Simulation(Cast cast, Map<String, Integer> seen) {
        this.cast = cast;
        this.seen = seen;
        start();
    }

    private void start() {
        try {
            Agent next = new Agent(settings, kernel, cast.server.gate(), marks, store, clock, cast.decoy, random, this);
            next.clients(clients());
            seen.merge("adopted", next.adopt(), Integer::sum);
            next.apply(settings);
            agent = next;
        } catch (KernelException e) {
            agent = null; // and is started again
        }
    }

    private List<Client> clients() {
        return enrolled.stream()
                .map(n -> World.client(n, List.of(cast.keys.get(NAMES.indexOf(n))), SERVICES))
                .toList();
    }

    /** @throws AssertionError if a promise is broken */
    void happen(SimulatedEvent e) {
        if (calm > 0) {
            faulted = clock.monotonicNanos();
        }
        calm = Math.max(0, calm - 1);
        room = Math.max(0, room - 1);
        if (calm == 0) {
            kernel.failOn(call -> false);
        }
        store.full(room > 0);
        if (agent == null) {
            pass(Duration.ofSeconds(1));
            start();
        }
        if (agent != null) {
            act(agent, e);
        }
        if (agent != null) {
            if (e.b() % 3 != 0) { // or nobody tells
                kernel.takeReady().forEach(agent::ready);
            }
            agent.tick();
        }
        Promises.check(this);
    }

    private void act(Agent a, SimulatedEvent e) {
        switch (e.what()) {
            case KNOCK -> knock(a, e);
            case REPLAY -> replay(a, e);
            case PASS -> pass(Duration.ofMillis(1L << Math.floorMod(e.a(), 20)));
            case CONNECT -> lease(a, e.a()).forEach(l -> kernel.connect(l.permit()));
            case DISCONNECT -> lease(a, e.a()).forEach(l -> kernel.disconnect(l.permit()));
            case PERMIT -> permit(a, e);
            case REVOKE -> lease(a, e.a()).forEach(l -> revoke(a, l));
            case CLIENT -> client(a, NAMES.get(Math.floorMod(e.a(), NAMES.size())), e.b() % 3 == 0);
            case FAULT -> fault(e);
            case FULL_DISK -> {
                room = 1 + Math.floorMod(e.a(), 10);
                diskWasFull = true;
            }
            case KILL -> {
                agent = null;
                pass(Duration.ofMillis(1L << Math.floorMod(e.a(), 18)));
                start();
            }
            case RELOAD -> reload(a, e);
            case DISTURB -> disturb(a, e);
            case CLOCK -> setClock(OFFSETS.get(Math.floorMod(e.a(), OFFSETS.size())));
        }
    }

    private void knock(Agent a, SimulatedEvent e) {
        int who = Math.floorMod(e.a(), NAMES.size());
        String service = SERVICES.get(Math.floorMod(e.b(), SERVICES.size()));
        Ip6Address from = SOURCES.get(Math.floorMod(e.b() / 3, SOURCES.size()));
        long stamp = clock.wallNanos() - offset.toNanos(); // the client's clock is right
        KnockRequest request = new KnockRequest(Math.floorMod(e.b() / 9, 40), stamp, Ip6Address.UNSPECIFIED, service);
        byte[] nonce = new byte[16];
        new Random(stamp + who).nextBytes(nonce);
        byte[] packet = cast.keys.get(who).write(nonce, request);
        Verdict verdict = a.knock(packet, 0, packet.length, from.high(), from.low());
        seen.merge(verdict.toString(), 1, Integer::sum);
        if (verdict == Verdict.ACCEPTED) {
            Long last = stamps.put(NAMES.get(who), stamp);
            if (last != null && last >= stamp) {
                throw new AssertionError("a stamp was accepted that is not later than " + last + ": " + stamp);
            }
            accepted.add(packet);
        }
        pass(Duration.ofNanos(1000));
    }

    private void replay(Agent a, SimulatedEvent e) {
        if (!accepted.isEmpty()) {
            byte[] packet = accepted.get(Math.floorMod(e.a(), accepted.size()));
            Verdict v = a.knock(packet, 0, packet.length, World.HOME.high(), World.HOME.low());
            if (v == Verdict.ACCEPTED) {
                throw new AssertionError("a replay was accepted");
            }
        }
    }

    private void disturb(Agent a, SimulatedEvent e) {
        boolean table = e.a() % 2 == 0;
        boolean addresses = !table || e.a() % 3 == 0;
        if (table) {
            kernel.flush();
        }
        if (addresses) {
            kernel.flushAddresses();
        }
        if (e.b() % 4 == 0) {
            a.disturbed(Disturbance.OVERRUN);
        } else if (table) {
            a.disturbed(Disturbance.TABLE);
        } else {
            a.disturbed(Disturbance.ADDRESS);
        }
        seen.merge("disturbed", 1, Integer::sum);
    }

    private void setClock(Duration to) {
        clock.step(to.minus(offset));
        offset = to;
    }

    private void pass(Duration time) {
        clock.pass(time);
    }

    /** None where there is none. */
    private static List<Lease> lease(Agent a, int number) {
        List<Lease> all = new ArrayList<>(a.leases());
        return all.isEmpty() ? List.of() : List.of(all.get(Math.floorMod(number, all.size())));
    }

    private void permit(Agent a, SimulatedEvent e) {
        try {
            a.permit(
                    NAMES.get(Math.floorMod(e.a(), NAMES.size())),
                    SERVICES.get(Math.floorMod(e.b(), SERVICES.size())),
                    e.b() % 2 == 0 ? null : SOURCES.get(Math.floorMod(e.b(), SOURCES.size())),
                    Duration.ofSeconds(1 + Math.floorMod(e.a(), 100)));
        } catch (RefusedException | KernelException expected) {
            // somebody reads why
        }
    }

    private static void revoke(Agent a, Lease lease) {
        try {
            a.revoke(lease);
        } catch (KernelException expected) {
            // to be asked for again
        }
    }

    private void client(Agent a, String name, boolean remove) {
        if (remove && enrolled.remove(name)) {
            List<Lease> leases = a.leasesOf(name);
            a.clients(clients());
            leases.forEach(l -> revoke(a, l));
        } else if (!remove && enrolled.add(name)) {
            a.clients(clients());
        }
    }

    private void fault(SimulatedEvent e) {
        String failing = CALLS.get(Math.floorMod(e.b(), CALLS.size()));
        kernel.failOn(call -> e.b() % 5 == 0 || call.equals(failing));
        calm = 1 + Math.floorMod(e.a(), 8);
        callsFailed = true;
    }

    private void reload(Agent a, SimulatedEvent e) {
        DoorMode mode = e.a() % 2 == 0 ? DoorMode.ADDRESS : DoorMode.ANYIP;
        Settings next = World.settings(mode, e.a() % 3 == 0 ? REPLACING : QUOTA, DOORS);
        try {
            a.apply(next);
            settings = next;
        } catch (KernelException expected) {
            // all stays as it was
        }
    }

    /** The leases that are written down. */
    Map<String, Permit> written() {
        Map<String, Permit> written = new HashMap<>();
        store.all().values().stream()
                .filter(r -> !r.cut())
                .forEach(r -> written.put(HexFormat.of().toHexDigits(r.id()), r.permit()));
        return written;
    }

    @Override
    public void opened(Lease lease) {
        // seen by the promises
    }

    @Override
    public void changed(Lease lease) {}

    @Override
    public void ended(Lease lease, Lease.End why) {
        seen.merge(why.toString(), 1, Integer::sum);
    }

    @Override
    public void refused(Verdict verdict, String client) {
        // not what this is about
    }

    @Override
    public void warning(String message) {
        // not what this is about
    }
}
