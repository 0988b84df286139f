package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.crypto.ClientKeyset;

/** The kernel or the clock does the wrong thing at the worst moment: what random sequences of events found. */
final class AdversityTest {
    private static final Ip6Address NAT = Ip6Address.parse("198.51.100.7");
    private static final Duration LESS_THAN_A_MILLISECOND = Duration.ofNanos(500_000);
    private static final Duration RETRIED = Duration.ofSeconds(1);

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

    private ClientKeyset phoneToo() throws Exception {
        ClientKeyset other = ClientKeyset.create(w.server);
        w.agent.clients(List.of(laptop, World.client("phone", other.keys(), List.of("both"))));
        return other;
    }

    @Test
    void aWindowThatIsAsGoodAsOverGetsNoDoorInTheNewPrefix() throws Exception {
        w.knock("ssh");
        w.clock.pass(World.LEASE.minus(LESS_THAN_A_MILLISECOND));
        w.agent.apply(in("2001:db8:9::/64", DoorMode.ADDRESS));
        assertEquals(1, w.onlyLease().permits().size());
    }

    @Test
    void aSharedPermitIsClosedWhenTheOthersHaveAsGoodAsNothingLeft() throws Exception {
        phoneToo();
        Lease first = w.agent.permit("laptop", "both", NAT, Duration.ofSeconds(60));
        w.agent.permit("phone", "both", NAT, Duration.ofSeconds(10));
        w.clock.pass(Duration.ofSeconds(10).minus(LESS_THAN_A_MILLISECOND));
        w.agent.revoke(first);
        assertEquals(Map.of(), w.kernel.permits());
    }

    /** The kernel counts from when it gets to it. */
    @Test
    void aKernelThatTakesLongToOpenADoorLeavesItOpenNoLongerThanTheLease() throws Exception {
        w.kernel.failOn(call -> takesLong(call.equals("open")));
        w.knock("ssh");
        w.kernel.failOn(call -> false);
        Duration left = w.onlyLease().windowLeft(w.clock.monotonicNanos());
        assertEquals(Map.of(w.onlyLease().permit(), left), w.kernel.permits());
    }

    private boolean takesLong(boolean really) {
        if (really) {
            w.clock.pass(Duration.ofSeconds(3));
        }
        return false;
    }

    @Test
    void whoComesInBecauseTheGuardTookLongToPutUpHasALease() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.failOn(call -> takesLong(call.equals("install")));
        w.agent.apply(w.agent.settings());
        w.kernel.failOn(call -> false);
        pass(World.OVER.minusSeconds(3));
        assertTrue(w.kernel.connect(permit), "the kernel's deadline is later than ours");
        pass(Duration.ofSeconds(3));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertEquals(w.kernel.inSession(), Set.copyOf(w.onlyLease().permits()));
    }

    @Test
    void aRevocationIsTriedAgainWithinASecondThoughTheDoorGetsReadyMeanwhile() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        w.agent.knock(packet, 0, packet.length, World.HOME.high(), World.HOME.low());
        w.kernel.failOn("close"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(w.onlyLease()));
        w.agent.ready(w.onlyLease().door());
        w.kernel.failOn(call -> false);
        pass(RETRIED);
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
    }

    @Test
    void aLeaseThatWasShutToMakeRoomIsGoneThoughTheKernelFailedHalfWay() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(1, 1000, Quota.Full.REPLACE), 1000));
        w.knock("ssh");
        int[] looks = {0};
        w.kernel.failOn(call -> call.equals("sessions") && ++looks[0] == 2);
        assertEquals(Verdict.KERNEL, w.knock("ssh"));
        w.kernel.failOn(call -> false);
        pass(RETRIED);
        assertEquals(List.of(), List.copyOf(w.agent.leases()), "it has no permit, so it is no lease");
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    @Test
    void aDoorThatWasShutEarlyIsNotOpenedByARestart() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(1, 1000, Quota.Full.REPLACE), 1000));
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.whenClosing(permit, () -> w.kernel.connect(permit));
        assertEquals(Verdict.LEASES, w.knock("ssh"));
        w.restart(laptop);
        assertEquals(Map.of(), w.kernel.permits());
        assertEquals(Set.of(permit), w.kernel.inSession());
    }

    @Test
    void anAddressThatTheKernelKeptGoesWithinASecond() throws Exception {
        w.agent.permit("laptop", "ssh", World.HOME, Duration.ofHours(1));
        w.kernel.failOn("remove"::equals);
        w.agent.revoke(w.onlyLease());
        w.kernel.failOn(call -> false);
        assertEquals(1, w.kernel.addresses().size());
        pass(RETRIED);
        assertEquals(List.of(), w.kernel.addresses());
        assertEquals(Long.MAX_VALUE, w.agent.nextDue());
    }

    @Test
    void theGuardIsPutUpAnewWhenTheHostBeginsToForward() throws Exception {
        w.kernel.flush();
        w.agent.disturbed(Disturbance.FORWARDING);
        w.agent.tick();
        assertTrue(w.kernel.stands());
        assertEquals(1, w.agent.disturbances().get(Disturbance.FORWARDING));
    }

    @Test
    void whatADefectKeptFromBeingPutBackIsPutBackLater() throws Exception {
        w.kernel.flush();
        w.agent.disturbed(Disturbance.TABLE);
        w.kernel.failOn(call -> {
            throw new IllegalStateException("a defect");
        });
        assertThrows(IllegalStateException.class, w.agent::tick);
        w.kernel.failOn(call -> false);
        pass(RETRIED);
        assertTrue(w.kernel.stands());
    }

    @Test
    void aRevocationThatTheKernelRefusedIsNotForgottenByARestart() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        w.kernel.connect(permit);
        w.kernel.failOn("cut"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(w.onlyLease()));
        w.kernel.failOn(call -> false);
        w.restart(laptop);
        assertEquals(Map.of(), w.kernel.permits());
        pass(RETRIED);
        assertEquals(Set.of(), w.kernel.inSession());
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
    }

    @Test
    void renewingALeaseDoesNotGiveItTheTimeOfAnother() throws Exception {
        phoneToo();
        w.agent.permit("laptop", "both", NAT, Duration.ofHours(1));
        Lease phones = w.agent.permit("phone", "both", NAT, Duration.ofSeconds(10));
        w.agent.permit("phone", "both", NAT, Duration.ofSeconds(10));
        assertEquals(w.clock.monotonicNanos() + Duration.ofSeconds(10).toNanos(), phones.windowEnd());
        assertEquals(Duration.ofHours(1), w.kernel.permits().get(phones.permit()));
    }

    @Test
    void aLeaseEndsWithTheKeyThatRenewedIt() throws Exception {
        w.agent.permit("laptop", "both", NAT, Duration.ofSeconds(1));
        assertEquals(Verdict.ACCEPTED, w.send(w.packet(w.request("both")), NAT));
        assertEquals(1, w.agent.leases().size());
        ClientKeyset next = ClientKeyset.create(w.server);
        w.agent.clients(List.of(World.client("laptop", next.keys(), List.of("both"))));
        w.agent.tick();
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
    }

    @Test
    void whoWasToBeCutOffAndMayKnockAgainGetsNoMoreThanThatKnockAsksFor() throws Exception {
        Lease lease = w.agent.permit("laptop", "both", NAT, Duration.ofHours(1));
        w.kernel.failOn("close"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(lease));
        w.kernel.failOn(call -> false);
        assertEquals(Verdict.ACCEPTED, w.send(w.packet(w.request("both")), NAT));
        assertEquals(Map.of(lease.permit(), World.LEASE), w.kernel.permits());
    }

    @Test
    void whoMayHaveFewerThanBeforeGetsThemReplaced() throws Exception {
        for (int i = 0; i < 5; i++) {
            w.knock("ssh");
        }
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(2, 1000, Quota.Full.REPLACE), 1000));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(2, w.agent.leases().size());
    }

    @Test
    void aRevocationThatWasAskedForTwiceHappensOnce() throws Exception {
        w.knock("ssh");
        w.kernel.failOn("close"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(w.onlyLease()));
        assertThrows(KernelException.class, () -> w.agent.revoke(w.onlyLease()));
        w.kernel.failOn(call -> false);
        pass(RETRIED);
        assertEquals(1, w.log.stream().filter("ended: revoked"::equals).count());
    }

    @Test
    void whoComesInBecauseASharedPermitTookLongToOpenHasALease() throws Exception {
        phoneToo();
        Permit permit =
                w.agent.permit("laptop", "both", NAT, Duration.ofSeconds(10)).permit();
        w.kernel.failOn(call -> takesLong(call.equals("open")));
        w.agent.permit("phone", "both", NAT, Duration.ofSeconds(1));
        w.kernel.failOn(call -> false);
        pass(Duration.ofSeconds(9));
        assertTrue(w.kernel.connect(permit), "the kernel's deadline is later than ours");
        assertEquals(1, w.agent.leases().size());
    }

    /** What others have left is what they have left when the kernel is told, however long it took to get there. */
    @Test
    void aSharedPermitIsCutBackToWhatTheOthersHaveLeftByThen() throws Exception {
        phoneToo();
        Lease other = w.agent.permit("laptop", "ssh", World.HOME, Duration.ofHours(1));
        Lease hour = w.agent.permit("laptop", "both", NAT, Duration.ofHours(1));
        w.agent.permit("phone", "both", NAT, Duration.ofSeconds(20));
        Permit shared = hour.permit();
        w.agent.clients(
                w.agent.clients().stream().filter(c -> c.name().equals("phone")).toList());
        w.kernel.whenClosing(other.permit(), () -> w.clock.pass(Duration.ofSeconds(3)));
        w.agent.tick();
        Lease left = w.onlyLease();
        assertEquals(shared, left.permit());
        assertEquals(Map.of(shared, left.windowLeft(w.clock.monotonicNanos())), w.kernel.permits());
    }
}
