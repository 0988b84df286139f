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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** The prefix that doors are taken from is another one from now on. */
class RenumberTest {
    private static final Ip6Prefix BEFORE = World.DOORS.prefix();
    private static final Ip6Prefix AFTER = Ip6Prefix.parse("2001:db8:9:9::/64");
    private static final List<KnockPort> KNOCKS = List.of(new KnockPort(Ip6Address.UNSPECIFIED, 62201));

    private World w;

    @BeforeEach
    void world() throws Exception {
        w = new World();
    }

    private static Settings in(DoorMode mode, Ip6Prefix prefix) {
        Settings s = World.settings(mode, new Quota(64, 1000, Quota.Full.REFUSE), 1000);
        DoorPrefix doors = new DoorPrefix(mode, new DoorSpace(prefix, DoorSpace.DEFAULT_RESERVED), "eth0");
        return new Settings(
                new Guard(List.of(doors), s.guard().gated(), KNOCKS),
                s.services(),
                s.window(),
                s.quota(),
                s.doorLimit());
    }

    private List<Ip6Prefix> prefixes() {
        assertEquals(KNOCKS, w.agent.guard().knocks(), "whatever comes and goes besides");
        return w.agent.guard().doors().stream().map(p -> p.space().prefix()).toList();
    }

    private void pass(Duration time) {
        w.clock.pass(time);
        w.agent.tick();
    }

    @ParameterizedTest
    @EnumSource
    void anOpenLeaseHasADoorInBothAndANewOneInTheNewAlone(DoorMode mode) throws Exception {
        w.agent.apply(in(mode, BEFORE));
        w.knock("ssh");
        Lease lease = w.onlyLease();
        Permit old = lease.permit();
        w.agent.apply(in(mode, AFTER));
        assertEquals(List.of(AFTER, BEFORE), prefixes());
        assertEquals(AFTER.with(old.door()), lease.door());
        assertEquals(2, lease.permits().size());
        assertTrue(w.kernel.connect(old));
        assertTrue(w.kernel.connect(lease.permit()));
        assertEquals(Set.copyOf(lease.permits()), w.kernel.permits().keySet());
        w.knock("git");
        w.agent.leases().forEach(l -> assertTrue(AFTER.contains(l.door())));
        assertEquals(2, w.agent.leases().size(), "a second door is no second lease");
    }

    @ParameterizedTest
    @EnumSource
    void thePrefixOfBeforeStaysUntilItsLastDoorHasGone(DoorMode mode) throws Exception {
        w.agent.apply(in(mode, BEFORE));
        w.knock("ssh");
        Permit old = w.onlyLease().permit();
        w.kernel.connect(old);
        w.agent.apply(in(mode, AFTER));
        pass(World.OVER);
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        pass(Duration.ofMinutes(5));
        assertEquals(List.of(AFTER, BEFORE), prefixes());
        assertTrue(w.kernel.inSession().contains(old));
        assertTrue(w.kernel.isReady(old.door()), "its session goes on");
        w.kernel.disconnect(old);
        pass(Duration.ofSeconds(20));
        pass(Duration.ofSeconds(10));
        assertEquals(List.of(), List.copyOf(w.agent.leases()));
        assertEquals(List.of(AFTER), prefixes());
        pass(Duration.ofSeconds(1));
        assertFalse(w.kernel.isReady(old.door()));
        assertEquals(mode == DoorMode.ANYIP ? List.of(AFTER) : List.of(), w.kernel.prefixes());
    }

    @Test
    void aPrefixThatNobodyHasADoorInGoesAtOnce() throws Exception {
        w.agent.apply(in(DoorMode.ANYIP, BEFORE));
        w.agent.apply(in(DoorMode.ANYIP, AFTER));
        assertEquals(List.of(AFTER), prefixes());
        assertEquals(List.of(AFTER), w.kernel.prefixes());
    }

    @Test
    void revokingALeaseEndsAllItsDoorsAndTheirSessions() throws Exception {
        w.knock("ssh");
        Permit old = w.onlyLease().permit();
        w.kernel.connect(old);
        w.agent.apply(in(DoorMode.ADDRESS, AFTER));
        w.kernel.connect(w.onlyLease().permit());
        assertEquals(2, w.agent.revoke(w.onlyLease()));
        assertEquals(Map.of(), w.kernel.permits());
        assertEquals(List.of(), w.kernel.addresses());
    }

    @Test
    void aLeaseInSessionNeedsNoSecondDoor() throws Exception {
        w.knock("ssh");
        w.kernel.connect(w.onlyLease().permit());
        pass(World.OVER);
        w.agent.apply(in(DoorMode.ADDRESS, AFTER));
        assertEquals(1, w.onlyLease().permits().size());
        assertEquals(Map.of(), w.kernel.permits());
    }

    @ParameterizedTest
    @EnumSource
    void bothDoorsSurviveARestart(DoorMode mode) throws Exception {
        w.agent.apply(in(mode, BEFORE));
        w.knock("ssh");
        w.agent.apply(in(mode, AFTER));
        List<Permit> before = w.onlyLease().permits();
        w.restart(World.client("laptop", w.keys, List.of("ssh")));
        assertEquals(before, w.onlyLease().permits());
        for (Permit p : before) {
            assertTrue(w.kernel.connect(p));
        }
        assertEquals(List.of(AFTER, BEFORE), prefixes());
        assertEquals(mode, w.agent.guard().doors().get(1).mode());
    }

    @Test
    void aPrefixThatChangedWhileTheAgentWasAwayIsFollowedToo() throws Exception {
        w.knock("ssh");
        Permit old = w.onlyLease().permit();
        w.restart(in(DoorMode.ADDRESS, AFTER), World.client("laptop", w.keys, List.of("ssh")));
        assertEquals(List.of(old.door(), AFTER.with(old.door())), doorsOf(w.onlyLease()));
        assertTrue(w.kernel.connect(old));
    }

    private static List<Ip6Address> doorsOf(Lease lease) {
        return lease.permits().stream().map(Permit::door).toList();
    }

    /** Where the bits of the host part are fewer, what the client looks for cannot be told. */
    @Test
    void aPrefixOfAnotherLengthGivesNoSecondDoor() throws Exception {
        w.knock("ssh");
        w.agent.apply(in(DoorMode.ADDRESS, Ip6Prefix.parse("2001:db8:9:9:1::/80")));
        assertEquals(1, w.onlyLease().permits().size());
        assertTrue(w.kernel.connect(w.onlyLease().permit()));
    }

    @Test
    void aSecondDoorThatTheKernelRefusesIsNoLoss() throws Exception {
        w.knock("ssh");
        w.kernel.failOn("open"::equals);
        w.agent.apply(in(DoorMode.ADDRESS, AFTER));
        assertEquals(1, w.onlyLease().permits().size());
        assertTrue(w.kernel.connect(w.onlyLease().permit()));
        assertTrue(w.log.stream().anyMatch(l -> l.contains("gets no door in the new prefix")));
    }

    /** What is not done after the guard was replaced is done later; the settings are in force. */
    @Test
    void addressesAndRoutesThatAreRefusedAreTriedAgain() throws Exception {
        w.knock("ssh");
        w.kernel.failOn("align"::equals);
        w.agent.apply(in(DoorMode.ANYIP, AFTER));
        assertEquals(AFTER, w.agent.settings().guard().doors().get(0).space().prefix());
        assertFalse(w.agent.settled());
        w.kernel.failOn(call -> false);
        pass(Duration.ofSeconds(1));
        assertTrue(w.agent.settled());
        assertEquals(List.of(AFTER), w.kernel.prefixes());
    }

    @Test
    void backInThePrefixOfBeforeTheDoorThereIsTheOneToUse() throws Exception {
        w.knock("ssh");
        Ip6Address first = w.onlyLease().door();
        w.agent.apply(in(DoorMode.ADDRESS, AFTER));
        assertEquals(AFTER.with(first), w.onlyLease().door());
        w.agent.apply(in(DoorMode.ADDRESS, BEFORE));
        assertEquals(first, w.onlyLease().door());
        assertEquals(2, w.onlyLease().permits().size());
        assertEquals(List.of(BEFORE, AFTER), prefixes());
    }

    /** The interface of one of its prefixes has gone, and the session is on the other. */
    @Test
    void aDoorThatCannotBeHeldDoesNotKeepTheOtherFromIt() throws Exception {
        w.knock("ssh");
        Ip6Address first = w.onlyLease().door();
        w.agent.apply(in(DoorMode.ADDRESS, AFTER));
        Permit second = w.onlyLease().permit();
        w.kernel.connect(second);
        w.kernel.failOn(("hold " + first)::equals);
        pass(World.OVER);
        for (int i = 0; i < 120; i++) {
            pass(Duration.ofSeconds(1));
        }
        assertTrue(w.kernel.isReady(second.door()));
    }
}
