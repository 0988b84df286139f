package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.crypto.ClientKeyset;

/** The life of a lease: window, session, limit, revocation. */
final class LeaseTest {
    private static final Duration MOMENT = Duration.ofMillis(1);
    private World w;

    @BeforeEach
    void world() throws Exception {
        w = new World();
    }

    @Test
    void aLeaseThatNobodyUsedIsOverWithItsWindow() throws Exception {
        w.knock("ssh");
        pass(World.OVER.minus(MOMENT));
        assertEquals(1, w.agent.leases().size());
        assertEquals(Map.of(), w.kernel.permits());
        pass(MOMENT);
        assertEquals(0, w.agent.leases().size());
        assertEquals(List.of(), w.kernel.addresses());
        assertEquals(Map.of(), w.kernel.permits());
        assertTrue(w.log.contains("ended: expired"));
    }

    @Test
    void theAgentIsWokenWhenTheWindowEndsAndNotBefore() {
        assertEquals(Long.MAX_VALUE, w.agent.nextDue());
        w.knock("ssh");
        assertEquals(w.onlyLease().windowEnd() + Lease.EDGE, w.agent.nextDue());
    }

    @Test
    void aSessionKeepsTheAddressUpAndThePermitEndsAllTheSame() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        assertTrue(w.kernel.connect(permit));
        pass(World.LEASE);
        assertFalse(w.kernel.connect(permit), "no new connection");
        pass(World.OVER.minus(World.LEASE));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        for (int minute = 0; minute < 8; minute++) {
            pass(Duration.ofMinutes(1));
            assertEquals(List.of(permit.door()), w.kernel.addresses(), "minute " + minute);
        }
        w.kernel.disconnect(permit);
        pass(Duration.ofSeconds(20));
        assertEquals(List.of(), w.kernel.addresses());
        assertTrue(w.log.contains("ended: expired"));
    }

    @Test
    void aSessionIsCutAtItsLimit() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        pass(World.LEASE.plus(World.SESSION));
        assertEquals(0, w.agent.leases().size());
        assertEquals(Map.of(), w.kernel.sessions(List.of(permit)));
        assertEquals(List.of(), w.kernel.addresses());
        assertTrue(w.log.contains("ended: session limit"));
    }

    @Test
    void whileAKilledAgentIsAwayTheKernelClosesEverything() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        pass(World.LEASE.plusSeconds(30)); // in session, held for a minute at a time
        w.clock.pass(Duration.ofSeconds(61)); // nobody ticks
        assertEquals(List.of(), w.kernel.addresses());
        assertEquals(Map.of(), w.kernel.permits());
    }

    @Test
    void revokingTakesThePermitTheSessionAndTheAddress() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        assertEquals(1, w.agent.revoke(w.onlyLease()));
        assertEquals(Map.of(), w.kernel.permits());
        assertEquals(List.of(), w.kernel.addresses());
        assertFalse(w.kernel.connect(permit));
        assertEquals(Long.MAX_VALUE, dueAfterTick());
    }

    private long dueAfterTick() {
        pass(World.OVER);
        return w.agent.nextDue();
    }

    @Test
    void aRevocationThatTheKernelRefusesCanBeAskedForAgain() throws Exception {
        w.knock("ssh");
        w.kernel.failOn("close"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(w.onlyLease()));
        w.kernel.failOn(call -> false);
        w.agent.revoke(w.onlyLease());
        assertEquals(Map.of(), w.kernel.permits());
    }

    @Test
    void whenTheKernelCannotBeAskedForSessionsItIsAskedAgain() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        w.kernel.failOn("sessions"::equals);
        pass(World.OVER);
        w.kernel.failOn(call -> false);
        pass(Duration.ofSeconds(1));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertEquals(1, w.kernel.addresses().size());
    }

    @Test
    void aStepOfTheWallClockMovesNoDeadline() throws Exception {
        w.knock("ssh");
        w.clock.step(Duration.ofHours(1));
        w.agent.tick();
        assertEquals(1, w.agent.leases().size());
        w.clock.step(Duration.ofHours(-2));
        pass(World.OVER);
        assertEquals(0, w.agent.leases().size());
    }

    @Test
    void clientsBehindOneIpv4AddressDoNotShortenEachOthersPermit() throws Exception {
        Ip6Address nat = Ip6Address.parse("198.51.100.7");
        ClientKeyset other = ClientKeyset.create(w.server);
        w.agent.clients(List.of(
                World.client("laptop", w.keys, List.of("both")), World.client("phone", other.keys(), List.of("both"))));
        Lease first = w.agent.permit("laptop", "both", nat, Duration.ofSeconds(60));
        Lease second = w.agent.permit("phone", "both", nat, Duration.ofSeconds(10));
        assertEquals(first.permit(), second.permit());
        w.agent.revoke(second);
        pass(Duration.ofSeconds(59));
        assertTrue(w.kernel.connect(first.permit()));
    }

    @Test
    void revokingALeaseLeavesAnotherClientsTimeOnTheSamePermitAndNoMore() throws Exception {
        Ip6Address nat = Ip6Address.parse("198.51.100.7");
        ClientKeyset other = ClientKeyset.create(w.server);
        w.agent.clients(List.of(
                World.client("laptop", w.keys, List.of("both")), World.client("phone", other.keys(), List.of("both"))));
        Lease hour = w.agent.permit("laptop", "both", nat, Duration.ofHours(1));
        w.agent.permit("phone", "both", nat, Duration.ofSeconds(10));
        w.agent.revoke(hour);
        assertEquals(Map.of(hour.permit(), Duration.ofSeconds(10)), w.kernel.permits());
    }

    @Test
    void askingForLessAfterMoreKeepsTheLeaseAsLongAsItsPermit() throws Exception {
        Ip6Address v4 = Ip6Address.parse("198.51.100.7");
        w.agent.permit("laptop", "both", v4, Duration.ofHours(1));
        w.agent.permit("laptop", "both", v4, Duration.ofSeconds(1));
        pass(Duration.ofSeconds(2));
        assertEquals(1, w.agent.leases().size());
        w.agent.revoke(w.onlyLease());
        assertEquals(Map.of(), w.kernel.permits());
    }

    @Test
    void aSecondKnockFromTheSameIpv4AddressRenewsTheLease() throws Exception {
        Ip6Address v4 = Ip6Address.parse("198.51.100.7");
        w.send(w.packet(w.request("both")), v4);
        pass(Duration.ofSeconds(20));
        w.send(w.packet(w.request("both")), v4);
        pass(Duration.ofSeconds(20));
        assertTrue(w.kernel.connect(w.onlyLease().permit()));
        pass(Duration.ofSeconds(11));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
    }

    @Test
    void anAdministratorOpensADoorForWhomeverIsToldIt() throws Exception {
        Lease lease = w.agent.permit("laptop", "ssh", null, null);
        assertEquals(0, lease.permit().sourceLength());
        assertTrue(w.kernel.permits().containsKey(lease.permit()));
        assertEquals(List.of(lease), w.agent.named("laptop"));
        assertEquals(List.of(lease), w.agent.named(lease.id()));
    }

    @Test
    void whatAnAdministratorGetsWrongIsSaid() {
        assertRefused("no client \"desktop\"", () -> w.agent.permit("desktop", "ssh", null, null));
        assertRefused("no service \"web\"", () -> w.agent.permit("laptop", "web", null, null));
        assertRefused(
                "cannot be opened on IPv4", () -> w.agent.permit("laptop", "ssh", Ip6Address.parse("192.0.2.1"), null));
        assertRefused("cannot be the source", () -> w.agent.permit("laptop", "ssh", Ip6Address.parse("ff02::1"), null));
        for (Duration d : List.of(Duration.ZERO, Duration.ofDays(366))) {
            assertRefused("1s to 365d", () -> w.agent.permit("laptop", "ssh", null, d));
        }
        assertRefused("no lease and no client", () -> w.agent.named("nobody"));
    }

    private static void assertRefused(String why, org.junit.jupiter.api.function.Executable call) {
        RefusedException e = assertThrows(RefusedException.class, call);
        assertTrue(e.toString().contains(why), e::toString);
    }

    @Test
    void aReloadThatTheKernelRefusesChangesNothing() throws Exception {
        Settings before = w.agent.settings();
        w.kernel.failOn("install"::equals);
        Settings next = World.settings(DoorMode.ANYIP, new Quota(1, 1, Quota.Full.REFUSE), 1);
        assertThrows(KernelException.class, () -> w.agent.apply(next));
        assertEquals(before, w.agent.settings());
        w.kernel.failOn(call -> false);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    @Test
    void aReloadKeepsLiveLeases() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(1, 1, Quota.Full.REFUSE), 1));
        assertTrue(w.kernel.connect(permit));
    }

    private void pass(Duration time) {
        long end = w.clock.monotonicNanos() + time.toNanos();
        while (w.agent.nextDue() <= end) { // the loop's timer
            w.clock.pass(Duration.ofNanos(Math.max(0, w.agent.nextDue() - w.clock.monotonicNanos())));
            w.agent.tick();
        }
        w.clock.pass(Duration.ofNanos(end - w.clock.monotonicNanos()));
    }

    @Test
    void aLeaseIsPendingUntilTheKernelTakesPacketsForItsDoor() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        w.agent.knock(packet, 0, packet.length, World.HOME.high(), World.HOME.low());
        Lease lease = w.onlyLease();
        assertEquals(Lease.State.PENDING, lease.state());
        w.agent.ready(Ip6Address.parse("2001:db8:1:2::77"));
        assertEquals(Lease.State.PENDING, lease.state(), "that is the door of nobody");
        w.agent.ready(lease.door());
        assertEquals(Lease.State.ACTIVE, lease.state());
        assertEquals(List.of(lease.permit()), w.kernel.announced());
        assertEquals(lease.windowEnd() + Lease.EDGE, w.agent.nextDue());
    }

    @Test
    void aLeaseIsActiveThoughTheEventWasLost() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        w.agent.knock(packet, 0, packet.length, World.HOME.high(), World.HOME.low());
        pass(Duration.ofMillis(200));
        assertEquals(Lease.State.ACTIVE, w.onlyLease().state());
        assertEquals(List.of(w.onlyLease().permit()), w.kernel.announced());
    }

    @Test
    void whereThePrefixIsRoutedALeaseIsActiveAtOnce() throws Exception {
        w = new World(DoorMode.ANYIP, new MemoryMarks(true), 1);
        w.knock("ssh");
        assertEquals(Lease.State.ACTIVE, w.onlyLease().state());
        assertEquals(List.of(), w.kernel.announced());
    }

    @Test
    void neighboursThatCannotBeToldAreNoReasonToRefuse() throws Exception {
        w.kernel.failOn("announce"::equals);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertTrue(w.agent.leases().stream().allMatch(l -> l.state() == Lease.State.ACTIVE));
        assertEquals(
                1, w.log.stream().filter(l -> l.contains("routers have to ask")).count(), "told once");
    }

    @Test
    void anAddressThatIsPutBackIsAnnouncedAgain() throws Exception {
        w.knock("ssh");
        w.kernel.flushAddresses();
        w.agent.disturbed(Disturbance.ADDRESS);
        w.agent.tick();
        w.kernel.takeReady().forEach(w.agent::ready);
        assertEquals(2, w.kernel.announced().size());
    }

    @Test
    void sessionsEndWithTheWindowWhereTheServiceSaysSo() throws Exception {
        w.agent.apply(withSsh(new Service("ssh", Protocol.TCP, 22, World.LEASE, Duration.ZERO, Ipv4Access.CLOSED)));
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        pass(World.LEASE.minus(MOMENT));
        assertEquals(Set.of(permit), w.kernel.inSession());
        pass(MOMENT);
        assertEquals(Set.of(), w.kernel.inSession());
        assertEquals(0, w.agent.leases().size());
        assertTrue(w.log.contains("ended: session limit"));
    }

    /** The kernel counts from a moment later than the agent. */
    @Test
    void whoComesInAtTheVeryEndOfTheWindowHasALease() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.open(permit, World.LEASE.plus(MOMENT));
        pass(World.LEASE);
        assertTrue(w.kernel.connect(permit));
        pass(Duration.ofSeconds(1));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
    }

    private Settings withSsh(Service ssh) {
        Settings s = w.agent.settings();
        Map<String, Service> services = new HashMap<>(s.services());
        services.put("ssh", ssh);
        return new Settings(s.guard(), services, s.window(), s.quota(), s.doorLimit());
    }

    @Test
    void aLeaseEndsWhenItsServiceIsAtAnotherPort() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        w.knock("git");
        w.agent.apply(withSsh(new Service("ssh", Protocol.TCP, 2222, World.LEASE, World.SESSION, Ipv4Access.CLOSED)));
        w.agent.tick();
        assertEquals("git", w.onlyLease().service().name());
        assertEquals(Set.of(), w.kernel.inSession());
    }

    @Test
    void aLeaseEndsWithTheKeyThatAskedForIt() throws Exception {
        w.knock("ssh");
        Lease byHand = w.agent.permit("laptop", "ssh", World.HOME, null);
        ClientKeyset next = ClientKeyset.create(w.server);
        w.agent.clients(List.of(World.client("laptop", next.keys(), List.of("ssh"))));
        w.agent.tick();
        assertEquals(byHand, w.onlyLease());
    }

    @Test
    void aLeaseEndsWhenTheClientMayNotOpenTheServiceAnyMore() throws Exception {
        w.knock("ssh");
        w.knock("git");
        w.agent.clients(List.of(World.client("laptop", w.keys, List.of("git"))));
        w.agent.tick();
        assertEquals("git", w.onlyLease().service().name());
    }

    @Test
    void aKernelThatGoesOnRefusingIsComplainedOfOnce() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        w.kernel.failOn("cut"::equals);
        pass(World.OVER);
        for (int i = 0; i < 100; i++) {
            pass(World.SESSION);
        }
        assertEquals(
                1,
                w.log.stream().filter(l -> l.contains("cannot end the session")).count());
    }

    @Test
    void aLeaseThatIsUsedSinceWeLookedIsNotReplaced() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(1, 1000, Quota.Full.REPLACE), 1000));
        w.knock("ssh");
        Permit first = w.onlyLease().permit();
        w.kernel.whenClosing(first, () -> w.kernel.connect(first));
        assertEquals(Verdict.LEASES, w.knock("ssh"));
        assertEquals(first, w.onlyLease().permit());
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertEquals(Set.of(first), w.kernel.inSession());
    }

    @Test
    void renewingALeaseIsNoSecondOne() throws Exception {
        for (Quota.Full full : Quota.Full.values()) {
            w = new World();
            w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(2, 1000, full), 2));
            w.knock("ssh");
            Ip6Address v4 = Ip6Address.parse("198.51.100.7");
            for (int i = 0; i < 3; i++) {
                pass(MOMENT);
                assertEquals(Verdict.ACCEPTED, w.send(w.packet(w.request("both")), v4), full.toString());
            }
            assertEquals(2, w.agent.leases().size());
        }
    }

    @Test
    void whatIsUsedUpIsNamed() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(2, 1000, Quota.Full.REFUSE), 1));
        w.knock("ssh");
        RefusedException e =
                assertThrows(RefusedException.class, () -> w.agent.permit("laptop", "ssh", World.HOME, null));
        assertEquals("there are as many doors as there may be; revoke a lease, or raise [door] limit", e.getMessage());
    }

    @Test
    void anAddressIsHeldNoLongerThanItsSessionMayLive() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        pass(World.OVER);
        pass(World.SESSION.minusSeconds(10));
        w.agent.disturbed(Disturbance.ADDRESS);
        w.agent.tick();
        Duration left = w.kernel.doors().getOrDefault(permit.door(), Duration.ZERO);
        assertTrue(left.compareTo(Duration.ofSeconds(12)) <= 0, left::toString);
    }

    /** In between, knocks are heard. */
    @Test
    void manyThatAreToEndDoNotEndInOneGo() throws Exception {
        w.agent.apply(World.settings(DoorMode.ANYIP, new Quota(200, 1000, Quota.Full.REFUSE), 1000));
        for (int i = 0; i < 200; i++) {
            w.knock("ssh");
        }
        w.agent.clients(List.of(World.client("laptop", w.keys, List.of("git"))));
        w.agent.tick();
        assertTrue(w.agent.leases().size() > 0);
        assertTrue(w.agent.nextDue() <= w.clock.monotonicNanos());
        for (int i = 0; i < 4; i++) {
            w.agent.tick();
        }
        assertEquals(0, w.agent.leases().size());
    }
}
