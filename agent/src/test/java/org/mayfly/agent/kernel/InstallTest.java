package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT4;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_DOOR;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;

/** A guard is replaced while doors are open: by the same agent, by its successor, and beside others who change rules. */
class InstallTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private TwoHosts net;
    private NetlinkKernel kernel;

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        kernel = net.kernel();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (net != null) { // the test was skipped
            net.close();
        }
    }

    @Test
    void whatIsLiveStaysLiveWithTheTimeItHasLeft() throws Exception {
        List<Permit> all = List.of(
                permit(CLIENT, DOOR),
                new Permit(CLIENT.masked(64), 64, DOOR, Protocol.TCP, 4023),
                new Permit(Ip6Address.UNSPECIFIED, 0, DOOR, Protocol.UDP, 4024),
                permit(CLIENT4, Ip6Address.UNSPECIFIED));
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        for (Permit p : all) {
            kernel.open(p, MINUTE);
        }
        kernel.cut(permit(OTHER_CLIENT, DOOR), HOUR);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        Map<Permit, Duration> before = kernel.permits();
        assertEquals(4, before.size());

        NetlinkKernel successor = net.kernel();
        stand(
                successor,
                guard(DoorMode.ADDRESS),
                new Standing(before, Map.of(permit(OTHER_CLIENT, DOOR), HOUR), Map.of(DOOR, MINUTE)));
        Map<Permit, Duration> after = successor.permits();
        assertEquals(before.keySet(), after.keySet());
        after.forEach((p, left) -> assertTrue(
                left.compareTo(before.get(p)) <= 0 && left.compareTo(Duration.ofSeconds(50)) > 0, left::toString));
        assertTrue(alive(session));
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        String table = net.server.run("nft", "list", "table", "inet", "mayfly");
        assertTrue(table.contains("2001:db8:1::d . " + DOOR + " timeout 1h expires 59m"), table);
        assertTrue(table.contains("elements = { " + DOOR + " timeout 1m"), "the door is silent: " + table);

        successor.close(permit(CLIENT, DOOR));
        successor.remove(DOOR);
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        assertEquals(3, successor.permits().size());
        assertEquals(List.of(), successor.addresses());
    }

    @Test
    void whatIsOfNobodyIsTakenDownAndItsSessionsGoOn() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(permit(CLIENT, DOOR), MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        Ip6Address stale = new Ip6Address(DOOR.high(), DOOR.low() + 1);
        kernel.open(permit(CLIENT, stale), MINUTE);
        NetlinkKernel successor = net.kernel();
        stand(successor, guard(DoorMode.ADDRESS), new Standing(Map.of(), Map.of(), Map.of(DOOR, MINUTE)));
        assertEquals(Map.of(), successor.permits());
        assertEquals(List.of(DOOR), successor.addresses());
        assertTrue(alive(session), "its window is over, its address is held");
        assertTrue(net.silent(CLIENT, DOOR, GATED));
    }

    @Test
    void aDoorThatWentAwayMeanwhileIsPutUpAgainAndItsSessionGoesOn() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(permit(CLIENT, DOOR), MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        net.server.run("ip", "addr", "del", DOOR + "/128", "dev", "srv0");
        stand(kernel, guard(DoorMode.ADDRESS), new Standing(Map.of(), Map.of(), Map.of(DOOR, MINUTE)));
        assertTrue(alive(session));
    }

    @Test
    void whatOthersPutIntoTheTableIsNotKept() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        net.server.run("nft", "add element inet mayfly permits { 2001:db8:1::d . 2001:db8:1::5 . tcp . 4022 }");
        net.server.run("nft", "insert rule inet mayfly guard accept");
        net.server.run("nft", "delete element inet mayfly gated { tcp . 4022 }");
        assertTrue(alive(net.connect(OTHER_CLIENT, SERVER, GATED)));
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertTrue(net.silent(OTHER_CLIENT, SERVER, GATED));
        assertEquals(
                Resources.text("guard-address.nft"), net.server.run("nft", "-s", "list", "table", "inet", "mayfly"));
    }

    @Test
    void aTableOfAnotherShapeIsReplaced() throws Exception {
        net.server.run("nft", """
                table inet mayfly {
                  set permits { type inet_service; flags timeout; elements = { 22 timeout 1h }; }
                  chain guard { type filter hook output priority 5; policy accept; }
                }""");
        stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
        assertEquals(Map.of(), kernel.permits());
        assertEquals(Resources.text("guard-anyip.nft"), net.server.run("nft", "-s", "list", "table", "inet", "mayfly"));
    }

    @Test
    void withoutTheInterfaceThePortsAreClosedAllTheSame() throws Exception {
        Guard g = guard(DoorMode.ADDRESS);
        DoorSpace space = g.doors().get(0).space();
        Guard elsewhere = new Guard(List.of(new DoorPrefix(DoorMode.ADDRESS, space, "nosuch0")), g.gated());
        kernel.install(elsewhere, Standing.NOTHING);
        kernel.align(Map.of());
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        KernelException e = assertThrows(KernelException.class, () -> kernel.align(Map.of(DOOR, MINUTE)));
        assertEquals("cannot put up the doors: there is no interface nosuch0", e.getMessage());
        assertThrows(KernelException.class, () -> kernel.open(permit(CLIENT, DOOR), MINUTE));
        assertEquals(Map.of(), kernel.permits());
    }

    @Test
    void noMomentIsOpen() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger installed = new AtomicInteger();
        Thread replacing = new Thread(() -> {
            try {
                for (int i = 0; !over.get(); i++) {
                    stand(kernel, guard(i % 2 == 0 ? DoorMode.ANYIP : DoorMode.ADDRESS), Standing.NOTHING);
                    installed.incrementAndGet();
                }
            } catch (KernelException e) {
                over.set(true);
            }
        });
        replacing.start();
        try {
            for (int i = 0; i < 100 || installed.get() < 100; i++) { // one SYN each, while installations go by
                assertTrue(net.silent(CLIENT, SERVER, GATED, 5), "attempt " + i);
                assertTrue(net.silent(CLIENT, ROUTED_DOOR, GATED, 5), "attempt " + i);
                assertFalse(over.get(), "an installation failed");
            }
        } finally {
            over.set(true);
            replacing.join();
        }
    }

    @Test
    void othersMayChangeTheirRulesMeanwhile() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Thread meddling = new Thread(() -> {
            try {
                while (!over.get()) {
                    net.server.run("nft", "add table inet x; delete table inet x");
                }
            } catch (Exception e) {
                over.set(true);
            }
        });
        meddling.start();
        try {
            for (int i = 0; i < 100; i++) {
                stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
            }
            assertFalse(over.get(), "the other one kept at it");
        } finally {
            over.set(true);
            meddling.join();
        }
    }

    @Test
    void manyDoorsAreOpenedCarriedOverAndClosed() throws Exception {
        stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
        Map<Permit, Duration> opened = new HashMap<>();
        for (int i = 1; i <= 5000; i++) {
            Permit p = permit(CLIENT, new Ip6Address(ROUTED_DOOR.high(), i * 1000L));
            kernel.open(p, HOUR);
            opened.put(p, HOUR);
        }
        stand(kernel, guard(DoorMode.ANYIP), new Standing(opened, Map.of(), Map.of()));
        assertEquals(opened.keySet(), kernel.permits().keySet());
        for (Permit p : opened.keySet()) {
            kernel.close(p);
        }
        assertEquals(Map.of(), kernel.permits());
    }

    /** More than one batch can carry. */
    @Test
    void aHundredThousandPermitsStandAgain() throws Exception {
        Map<Permit, Duration> many = new HashMap<>();
        for (int i = 1; i <= 100_000; i++) {
            many.put(permit(CLIENT, new Ip6Address(ROUTED_DOOR.high(), i * 1000L)), HOUR);
        }
        stand(kernel, guard(DoorMode.ANYIP), new Standing(many, Map.of(), Map.of()));
        // The kernel goes on to enlarge the set's hash table afterwards, and meanwhile a dump misses some.
        long end = System.nanoTime() + 30_000_000_000L;
        Set<Permit> there;
        do {
            there = kernel.permits().keySet();
        } while (there.size() < many.size() && System.nanoTime() < end);
        assertEquals(many.size(), there.size());
        assertTrue(there.equals(many.keySet()), "all of them, and no others");
    }

    @Test
    void anAgentOnItsOwnNamedTableStandsBesideAnother() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        try (NetlinkKernel second = net.server.call(() -> NetlinkKernel.open("mayfly2", false))) {
            stand(second, guard(DoorMode.ADDRESS), Standing.NOTHING);
            second.uninstall();
        }
        assertTrue(net.silent(CLIENT, SERVER, GATED));
    }
}
