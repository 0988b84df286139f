package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What is over stays so, whatever the disk refuses and the configuration says next: what random sequences of events found. */
final class OverAndDoneTest {
    private static final Ip6Address NAT = Ip6Address.parse("198.51.100.7");
    private static final Duration LESS_THAN_A_MILLISECOND = Duration.ofNanos(500_000);

    private World w;
    private Client laptop;

    @BeforeEach
    void world() throws Exception {
        w = new World();
        laptop = w.agent.clients().get(0);
    }

    private void pass(Duration time) {
        w.clock.pass(time);
        w.agent.tick();
    }

    private static Settings in(String prefix, DoorMode mode) {
        Settings s = World.settings(mode, new Quota(64, 1000, Quota.Full.REFUSE), 1000);
        DoorPrefix doors =
                new DoorPrefix(mode, new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED), "eth0");
        return new Settings(
                new Guard(List.of(doors), s.guard().gated()), s.services(), s.window(), s.quota(), s.doorLimit());
    }

    @Test
    void whoWasCutOffStaysSoOverRestarts() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.agent.revoke(w.onlyLease());
        for (int i = 0; i < 2; i++) {
            w.clock.pass(Duration.ofMinutes(2));
            w.restart(laptop);
            assertTrue(w.kernel.isRevoked(permit), "restart " + i);
        }
        w.clock.pass(Duration.ofMinutes(1));
        assertFalse(w.kernel.isRevoked(permit));
    }

    @Test
    void ofACutThatIsWrittenDownTwiceTheLaterOneCounts() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.agent.revoke(w.onlyLease());
        long now = w.clock.monotonicNanos();
        long minute = Duration.ofMinutes(1).toNanos();
        w.leases.put(LeaseStore.NONE, new LeaseRecord(true, 0, "", "", permit, 0, now, now + minute, now + minute));
        w.restart(laptop);
        assertEquals(1, w.leases.all().size());
        w.clock.pass(Duration.ofMinutes(4));
        assertTrue(w.kernel.isRevoked(permit));
    }

    @Test
    void whatIsAboutToBeForgottenDoesNotKeepTheGuardFromBeingPutBack() throws Exception {
        w.knock("ssh");
        w.agent.revoke(w.onlyLease());
        w.clock.pass(LeaseBook.REMEMBERED.minus(LESS_THAN_A_MILLISECOND));
        w.kernel.flush();
        w.agent.disturbed(Disturbance.TABLE);
        w.agent.tick();
        assertTrue(w.kernel.stands());
    }

    @Test
    void aRevokedLeaseThatCouldNotBeStruckOutDoesNotComeBack() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.leases.refuse(false, true);
        w.agent.revoke(w.onlyLease());
        w.leases.refuse(false, false);
        w.restart(laptop);
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
        assertEquals(Map.of(), w.kernel.permits());
        assertTrue(w.kernel.isRevoked(permit));
        assertTrue(w.leases.all().values().stream().allMatch(LeaseRecord::cut));
    }

    @Test
    void whoIsLetInAnewIsSoAfterARestartThoughTheCutCouldNotBeStruckOut() throws Exception {
        w.agent.permit("laptop", "both", NAT, null);
        w.agent.revoke(w.onlyLease());
        w.clock.pass(Duration.ofSeconds(10));
        w.leases.refuse(false, true);
        Permit permit = w.agent.permit("laptop", "both", NAT, null).permit();
        w.leases.refuse(false, false);
        w.restart(laptop);
        assertTrue(w.kernel.connect(permit));
    }

    @Test
    void whatCouldNotBeStruckOutIsTriedAgain() throws Exception {
        w.knock("ssh");
        w.leases.refuse(false, true);
        pass(World.OVER);
        assertEquals(1, w.leases.all().size());
        w.leases.refuse(false, false);
        long due = w.agent.nextDue();
        assertTrue(due <= w.clock.monotonicNanos() + Duration.ofSeconds(10).toNanos());
        pass(Duration.ofSeconds(10));
        assertEquals(Map.of(), w.leases.all());
        assertEquals(Long.MAX_VALUE, w.agent.nextDue());
    }

    @Test
    void ofDoorsThatAreWrittenDownWithDifferentTimesTheSoonerOnesCount() throws Exception {
        w.knock("ssh");
        w.agent.apply(in("2001:db8:9::/64", DoorMode.ADDRESS));
        Map.Entry<Integer, LeaseRecord> one =
                w.leases.all().entrySet().iterator().next();
        LeaseRecord r = one.getValue();
        long sooner = r.windowEnd() - Duration.ofSeconds(20).toNanos();
        w.leases.damage(
                one.getKey(),
                new LeaseRecord(
                        false, r.id(), r.client(), r.service(), r.permit(), r.key(), r.opened(), sooner, sooner));
        w.restart(w.agent.settings(), laptop);
        assertEquals(sooner, w.onlyLease().windowEnd());
        assertEquals(
                Set.of(sooner),
                w.leases.all().values().stream().map(LeaseRecord::windowEnd).collect(Collectors.toSet()));
    }

    @Test
    void aRestartGoesByTodaysSessionLimitIfThatIsLess() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        Settings s = w.agent.settings();
        Map<String, Service> services = new HashMap<>(s.services());
        services.put("ssh", new Service("ssh", Protocol.TCP, 22, World.LEASE, Duration.ZERO, Ipv4Access.CLOSED));
        w.restart(new Settings(s.guard(), services, s.window(), s.quota(), s.doorLimit()), laptop);
        pass(World.LEASE);
        assertEquals(Set.of(), w.kernel.inSession());
    }

    @Test
    void aPrefixGoesThoughTheNewOneLiesInIt() throws Exception {
        w.agent.apply(in("2001:db8:9::/64", DoorMode.ANYIP));
        w.knock("ssh");
        w.agent.apply(in("2001:db8:9:0:8000::/80", DoorMode.ANYIP));
        assertEquals(2, w.agent.guard().doors().size());
        pass(World.OVER);
        w.knock("ssh");
        pass(Duration.ofSeconds(10));
        assertEquals(1, w.agent.leases().size());
        assertEquals(1, w.agent.guard().doors().size());
    }

    /** The lease could not be written down, and its prefix was another one's while the agent was started. */
    @Test
    void aForgottenSessionIsCutWhenItsPrefixIsOursAgain() throws Exception {
        w.agent.apply(in("2001:db8:9::/64", DoorMode.ANYIP));
        w.leases.refuse(true, false);
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        w.restart(in("2001:db8:a::/64", DoorMode.ANYIP), laptop);
        w.agent.apply(in("2001:db8:9::/64", DoorMode.ANYIP));
        w.agent.tick();
        assertEquals(Set.of(), w.kernel.inSession());
    }

    /** The lease could not be written down, and its port was not gated while the agent was started. */
    @Test
    void aForgottenSessionIsCutWhenItsPortIsOursAgain() throws Exception {
        w.leases.refuse(true, false);
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        Settings s = w.agent.settings();
        List<GatedPort> fewer =
                s.guard().gated().stream().filter(g -> g.port() != 22).toList();
        w.restart(
                new Settings(new Guard(s.guard().doors(), fewer), s.services(), s.window(), s.quota(), s.doorLimit()),
                laptop);
        w.agent.apply(s);
        w.agent.tick();
        assertEquals(Set.of(), w.kernel.inSession());
    }

    @Test
    void doorsOfOnePrefixOfBeforeAreKeptInOneThoughTodaysIsLonger() throws Exception {
        w.knock("ssh");
        w.knock("ssh");
        w.knock("git");
        w.restart(in("2001:db8:9:0:8000::/80", DoorMode.ADDRESS), laptop);
        assertEquals(3, w.agent.leases().size());
        assertEquals(
                List.of("2001:db8:9:0:8000::/80", "2001:db8:1:2::/64"),
                w.agent.guard().doors().stream()
                        .map(p -> p.space().prefix().toString())
                        .toList());
        w.agent.leases().forEach(l -> assertTrue(w.kernel.connect(l.permit())));
    }
}
