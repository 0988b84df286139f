package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent is killed, and the next one goes on where it was. */
final class RestartTest {
    private World w;
    private Client laptop;

    @BeforeEach
    void world() throws Exception {
        w = new World();
        laptop = World.client("laptop", w.keys, List.of("ssh", "git", "both"));
    }

    @Test
    void aLeaseGoesOnWithTheTimeItHasLeft() throws Exception {
        w.knock("ssh");
        Lease before = w.onlyLease();
        pass(Duration.ofSeconds(10));
        w.restart(laptop);
        Lease after = w.onlyLease();
        assertEquals(before.id(), after.id());
        assertEquals(before.windowEnd(), after.windowEnd());
        assertEquals(Lease.State.ACTIVE, after.state());
        assertEquals(Map.of(after.permit(), World.LEASE.minusSeconds(10)), w.kernel.permits());
        assertTrue(w.kernel.connect(after.permit()));
        pass(World.OVER.minusSeconds(10));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertEquals(1, w.agent.leasesOf("laptop").size());
    }

    @Test
    void aSessionGoesOnThoughItsAddressWentMeanwhile() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        pass(World.LEASE.plusSeconds(1));
        w.clock.pass(Duration.ofSeconds(90)); // nobody holds it
        assertEquals(List.of(), w.kernel.addresses());
        w.restart(laptop);
        assertEquals(List.of(permit.door()), w.kernel.addresses());
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertFalse(w.kernel.connect(permit));
    }

    @Test
    void whatEndedMeanwhileIsOver() throws Exception {
        w.knock("ssh");
        w.clock.pass(World.LEASE.plusSeconds(1));
        w.restart(laptop);
        assertEquals(0, w.agent.leases().size());
        assertEquals(Map.of(), w.leases.all());
        assertEquals(List.of(), w.kernel.addresses());
    }

    @Test
    void whatOfASessionIsTooOldIsCut() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        w.clock.pass(World.LEASE.plus(World.SESSION).plusSeconds(1));
        w.restart(laptop);
        assertEquals(0, w.agent.leases().size());
        assertEquals(Map.of(), w.kernel.sessions(List.of(permit)));
    }

    @Test
    void theLeaseOfAClientThatIsGoneIsCutAndForgotten() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        w.restart();
        assertEquals(Map.of(), w.kernel.permits());
        assertEquals(Map.of(), w.kernel.sessions(List.of(permit)));
        assertEquals(List.of(), w.kernel.addresses());
        assertEquals(1, w.leases.all().size(), "that it was cut off");
    }

    @Test
    void whoWasCutOffStaysCutOff() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.agent.revoke(w.onlyLease());
        w.restart(laptop);
        w.kernel.open(permit, World.LEASE); // forgets the cut
        w.restart(laptop);
        assertFalse(w.kernel.connect(permit), "what nobody holds a lease for is closed");
        pass(Duration.ofMinutes(6));
        w.restart(laptop);
        assertEquals(Map.of(), w.leases.all(), "after five minutes it is forgotten");
    }

    @Test
    void whatCannotBeWrittenDownIsToldOnceAndEndsWithTheAgent() throws Exception {
        w.leases.full(true);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(Verdict.ACCEPTED, w.knock("git"));
        assertEquals(1, w.log.stream().filter(l -> l.contains("no space left")).count());
        Permit permit = w.agent.leases().iterator().next().permit();
        assertTrue(w.kernel.connect(permit));
        w.restart(laptop);
        assertEquals(0, w.agent.leases().size());
        assertEquals(Map.of(), w.kernel.permits());
    }

    @Test
    void timesThatMakeNoSenseAreNotBelieved() throws Exception {
        w.knock("ssh");
        LeaseRecord r = w.onlyLease().record(w.onlyLease().permit());
        long now = w.clock.monotonicNanos();
        long year = Duration.ofDays(366).toNanos();
        w.leases.damage(
                0,
                new LeaseRecord(
                        false, r.id(), r.client(), r.service(), r.permit(), r.key(), now, now + year, now + year));
        w.restart(laptop);
        assertEquals(0, w.agent.leases().size());
        w.leases.damage(
                0,
                new LeaseRecord(
                        false, r.id(), r.client(), r.service(), r.permit(), r.key(), now + 1, now + 2, now + 3));
        w.restart(laptop);
        assertEquals(0, w.agent.leases().size());
    }

    private void pass(Duration time) {
        w.clock.pass(time);
        w.agent.tick();
    }

    /** What was written down of it is lost. */
    @Test
    void aSessionOfWhichNothingIsKnownIsCut() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        w.knock("git");
        Permit known = w.agent.leases().stream()
                .map(Lease::permit)
                .filter(p -> !p.equals(permit))
                .findFirst()
                .orElseThrow();
        w.kernel.connect(known);
        w.leases.remove(w.leases.all().entrySet().stream()
                .filter(e -> e.getValue().permit().equals(permit))
                .findFirst()
                .orElseThrow()
                .getKey());
        w.kernel.failOn("cutOthers"::equals);
        w.restart(laptop);
        assertEquals(Set.of(permit, known), w.kernel.inSession());
        w.kernel.failOn(call -> false);
        pass(Duration.ofSeconds(1));
        assertEquals(Set.of(known), w.kernel.inSession());
    }

    @Test
    void aLeaseWhoseServiceIsAtAnotherPortNowIsCut() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        Settings s = w.agent.settings();
        Map<String, Service> services =
                Map.of("ssh", new Service("ssh", Protocol.TCP, 2222, World.LEASE, World.SESSION, Ipv4Access.CLOSED));
        w.restart(new Settings(s.guard(), services, s.window(), s.quota(), s.doorLimit()), laptop);
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
        assertEquals(Set.of(), w.kernel.inSession());
    }
}
