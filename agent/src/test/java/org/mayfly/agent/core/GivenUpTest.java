package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;

/** A translation prefix comes and goes: its route, and what is relayed from it. */
class GivenUpTest {
    private static final Ip6Prefix PREFIX = Ip6Prefix.parse("64:ff9b:1::/96");
    private static final Nat64 NAT64 = new Nat64(PREFIX, "lan0", true, 6464);

    private World w;
    private int cuts;
    private boolean failing;

    @BeforeEach
    void world() throws Exception {
        w = new World();
        w.kernel.failOn(call -> {
            boolean cut = call.equals("cutWithin");
            cuts += cut ? 1 : 0;
            return cut && failing;
        });
    }

    private void apply(@Nullable Nat64 nat64) throws KernelException {
        Settings s = w.agent.settings();
        Guard g = s.guard();
        w.agent.apply(new Settings(
                new Guard(g.doors(), g.gated(), g.knocks(), nat64),
                s.services(),
                s.window(),
                s.quota(),
                s.doorLimit()));
    }

    @Test
    void itsRouteComesAndGoes() throws Exception {
        apply(NAT64);
        assertEquals(Set.of(PREFIX), w.kernel.routes());
        w.kernel.flushRoutes();
        w.agent.disturbed(Disturbance.ROUTE);
        w.agent.tick();
        assertEquals(Set.of(PREFIX), w.kernel.routes());
        apply(null);
        assertEquals(Set.of(), w.kernel.routes());
    }

    @Test
    void itStaysWhenDoorsOfBeforeGo() throws Exception {
        apply(NAT64);
        DoorPrefix moved = new DoorPrefix(
                DoorMode.ANYIP, new DoorSpace(Ip6Prefix.parse("2001:db8:77::/64"), DoorSpace.DEFAULT_RESERVED), "eth0");
        w.knock("ssh");
        Settings s = w.agent.settings();
        w.agent.apply(
                new Settings(s.guard().withDoors(List.of(moved)), s.services(), s.window(), s.quota(), s.doorLimit()));
        assertEquals(2, w.agent.guard().doors().size(), "a lease has a door in that of before");
        for (int i = 0; i < 100 && w.agent.guard().doors().size() > 1; i++) {
            w.clock.pass(Duration.ofSeconds(10));
            w.agent.tick();
        }
        assertEquals(1, w.agent.guard().doors().size());
        assertEquals(NAT64, w.agent.guard().nat64());
        assertTrue(w.kernel.routes().contains(PREFIX));
        assertEquals(0, cuts);
    }

    @Test
    void whatWasRelayedFromItIsCutUntilThatWorks() throws Exception {
        apply(NAT64);
        apply(NAT64);
        assertEquals(0, cuts);
        apply(new Nat64(PREFIX, "lan1", true, 6464));
        assertEquals(1, cuts, "who is inside is somebody else");
        apply(new Nat64(PREFIX, "lan1", false, 6464));
        assertEquals(2, cuts, "private addresses are not led to any more");
        failing = true;
        apply(null);
        assertEquals(3, cuts);
        assertEquals(
                1,
                Collections.frequency(
                        w.log,
                        "warning: cannot end sessions that nobody accounts for, trying again: "
                                + "cutWithin: the test asked for this fault"),
                w.log::toString);
        failing = false;
        w.clock.pass(Duration.ofSeconds(2));
        w.agent.tick();
        assertEquals(4, cuts);
        w.clock.pass(Duration.ofSeconds(2));
        w.agent.tick();
        assertEquals(4, cuts);
        assertFalse(w.agent.guard().routed().contains(PREFIX));
    }
}
