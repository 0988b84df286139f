package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.crypto.KnockSender;

/** The packets of a {@link Simulation}, and the clock that they are judged by. */
final class SimulatedKnocks {
    private static final Ip6Address NAT = Ip6Address.parse("198.51.100.7");

    /** Two addresses of IPv6, and one of IPv4 that is everybody's. */
    static final List<Ip6Address> SOURCES = List.of(World.HOME, Ip6Address.parse("2001:db8:c::8"), NAT);

    /** How far the server's clock may be from the right time. */
    private static final List<Duration> OFFSETS = List.of(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofSeconds(10),
            Duration.ofSeconds(-10),
            Duration.ofHours(1),
            Duration.ofHours(-1));

    private final FakeClock clock;
    private final Map<Long, Long> stamps = new HashMap<>();
    private final List<byte[]> accepted = new ArrayList<>();
    private Duration offset = Duration.ZERO;

    SimulatedKnocks(FakeClock clock) {
        this.clock = clock;
    }

    /** Somebody sets the clock. */
    void setClock(SimulatedEvent e) {
        Duration to = OFFSETS.get(e.a(OFFSETS.size()));
        clock.step(to.minus(offset));
        offset = to;
    }

    /** For how many seconds the knock of that event asks; 0 for as long as there is. */
    static long seconds(SimulatedEvent e) {
        return Math.floorMod(e.b() / 9, 40);
    }

    /** One, or several that are read together. What became of the last. */
    Verdict knock(Agent a, KnockSender key, SimulatedEvent e) {
        String service = SimulatedPlan.SERVICES.get(e.b(SimulatedPlan.SERVICES.size()));
        Ip6Address from = SOURCES.get(Math.floorMod(e.b() / 3, SOURCES.size()));
        int burst = Math.floorMod(e.b() / 360, 4) == 1 ? 5 : 1;
        Verdict last = Verdict.LENGTH;
        for (int i = 0; i < burst; i++) {
            last = receive(a, key, service, from, seconds(e));
        }
        return a.burstOver() > 0 && last == Verdict.ACCEPTED ? Verdict.KERNEL : last;
    }

    private Verdict receive(Agent a, KnockSender key, String service, Ip6Address from, long seconds) {
        long stamp = clock.wallNanos() - offset.toNanos(); // the client's clock is right
        byte[] nonce = new byte[16];
        new Random(stamp + key.id()).nextBytes(nonce);
        byte[] packet = key.write(nonce, new KnockRequest(seconds, stamp, Ip6Address.UNSPECIFIED, service));
        Verdict verdict = a.receive(packet, 0, packet.length, from.high(), from.low());
        if (verdict == Verdict.ACCEPTED) {
            Long last = stamps.put(key.id(), stamp);
            Promises.holds(last == null || last < stamp, "a stamp was accepted that is not later", stamp);
            accepted.add(packet);
        }
        clock.pass(Duration.ofNanos(1000));
        return verdict;
    }

    /** One that was accepted comes again. */
    void replay(Agent a, SimulatedEvent e) {
        if (!accepted.isEmpty()) {
            byte[] packet = accepted.get(e.a(accepted.size()));
            Verdict v = a.knock(packet, 0, packet.length, World.HOME.high(), World.HOME.low());
            Promises.holds(v != Verdict.ACCEPTED, "a replay was accepted", v);
        }
    }
}
