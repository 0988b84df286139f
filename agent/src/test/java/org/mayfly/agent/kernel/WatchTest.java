package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What others do to what is ours is heard of, what we do is not, and all of it can be put back. A table without owner. */
final class WatchTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Permit PERMIT = permit(CLIENT, DOOR);
    private static final Standing ONE_DOOR = new Standing(Map.of(PERMIT, MINUTE), Map.of(), Map.of(DOOR, MINUTE));

    private final Set<Disturbance> heard = EnumSet.noneOf(Disturbance.class);
    private TwoHosts net;
    private NetlinkKernel kernel;
    private @Nullable KernelWatch watch;
    private int machine;
    private final Set<Ip6Address> ready = new HashSet<>();
    private DoorMode began = DoorMode.ADDRESS;

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        kernel = net.kernel();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (watch != null) {
            watch.close();
        }
        if (net != null) { // the test was skipped
            net.close();
        }
    }

    private void begin(DoorMode mode) throws Exception {
        watch = net.server.call(() -> kernel.watch(DOOR::equals, new KernelWatch.Listener() {
            @Override
            public void disturbed(Disturbance what) {
                heard.add(what);
            }

            @Override
            public void ready(Ip6Address door) {
                ready.add(door);
            }

            @Override
            public void machineChanged() {
                machine++;
            }
        }));
        stand(kernel, guard(mode), Standing.NOTHING);
        heard();
        began = mode;
    }

    private void restore(Standing standing) throws Exception {
        stand(kernel, guard(began), standing);
    }

    /** What has been told when the kernel has nothing more to tell. */
    private Set<Disturbance> heard() throws Exception {
        for (KernelWatch.Source source : Objects.requireNonNull(watch).sources()) {
            while (source.poll(0)) {
                source.read();
            }
        }
        Set<Disturbance> now = heard.isEmpty() ? EnumSet.noneOf(Disturbance.class) : EnumSet.copyOf(heard);
        heard.clear();
        return now;
    }

    private void awaitReady(Ip6Address door) throws Exception {
        List<KernelWatch.Source> sources = Objects.requireNonNull(watch).sources();
        for (int i = 0; i < 100 && !ready.contains(door); i++) {
            if (sources.get(0).poll(100)) {
                sources.get(0).read();
            }
        }
        assertEquals(Set.of(door), ready);
    }

    @Test
    void whatWeDoOurselvesDisturbsNobody() throws Exception {
        for (DoorMode mode : DoorMode.values()) {
            if (watch == null) {
                begin(mode);
            }
            stand(kernel, guard(mode), Standing.NOTHING);
            Permit p = permit(CLIENT, mode == DoorMode.ADDRESS ? DOOR : TwoHosts.ROUTED_DOOR);
            kernel.open(p, MINUTE);
            kernel.hold(p.door(), MINUTE);
            kernel.cut(p, MINUTE);
            kernel.close(p);
            stand(kernel, guard(mode), Standing.NOTHING);
        }
        assertEquals(Set.of(), heard());
    }

    @Test
    void aFlushIsHeardOfAndPutBack() throws Exception {
        begin(DoorMode.ADDRESS);
        kernel.open(PERMIT, MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        assertEquals(Set.of(), heard());
        net.server.run("nft", "flush", "ruleset");
        assertEquals(Set.of(Disturbance.TABLE), heard());
        assertFalse(kernel.stands());
        assertThrows(KernelException.class, () -> kernel.open(permit(CLIENT, SERVER), MINUTE));
        restore(ONE_DOOR);
        assertTrue(kernel.stands());
        assertEquals(Set.of(), heard(), "and that is our own doing");
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        assertTrue(alive(session));
    }

    @Test
    void anybodysHandInOurTableIsHeardOfAndInAnotherIsNot() throws Exception {
        begin(DoorMode.ADDRESS);
        for (String change : new String[] {
            "add element inet mayfly gated { tcp . 99 }",
            "add set inet mayfly x { type inet_service; }",
            "insert rule inet mayfly guard accept",
            "flush chain inet mayfly guard",
            "add chain inet mayfly y",
            "delete table inet mayfly"
        }) {
            net.server.run("nft", change);
            assertEquals(Set.of(Disturbance.TABLE), heard(), change);
        }
        net.server.run("nft", "add table ip mayfly; add table inet other; add chain inet other guard");
        assertEquals(Set.of(), heard());
    }

    @Test
    void anAddressThatIsNeededIsHeardOf() throws Exception {
        begin(DoorMode.ADDRESS);
        kernel.open(PERMIT, MINUTE);
        net.server.run("ip", "addr", "add", "2001:db8:1::77/128", "dev", "srv0");
        net.server.run("ip", "addr", "del", "2001:db8:1::77/128", "dev", "srv0");
        assertEquals(Set.of(), heard(), "that one is not ours");
        assertTrue(machine > 0, "but the machine has changed");
        net.server.run("ip", "addr", "del", DOOR + "/128", "dev", "srv0");
        assertEquals(Set.of(Disturbance.ADDRESS), heard());
        restore(ONE_DOOR);
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
    }

    @Test
    void theRouteIsHeardOf() throws Exception {
        begin(DoorMode.ANYIP);
        net.server.run("ip", "-6", "route", "del", "local", "2001:db8:2::/64", "dev", "lo", "table", "local");
        assertEquals(Set.of(Disturbance.ROUTE), heard());
        restore(Standing.NOTHING);
        assertTrue(net.server.run("ip", "-6", "route", "show", "table", "local").contains("local 2001:db8:2::/64"));
    }

    /** Its session goes on though the interface is another one by number, and then by name. */
    @Test
    void anInterfaceThatIsRenamedKeepsItsDoors() throws Exception {
        begin(DoorMode.ADDRESS);
        kernel.open(PERMIT, MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        net.server.run("ip", "link", "set", "srv0", "down");
        net.server.run("ip", "link", "set", "srv0", "name", "other0");
        assertEquals(Set.of(Disturbance.ADDRESS, Disturbance.INTERFACE), heard());
        net.server.run("ip", "link", "set", "other0", "up");
        net.server.address("fe80::b/64", "other0");
        net.server.address(SERVER + "/64", "other0");
        assertTrue(heard().contains(Disturbance.INTERFACE));
        restore(ONE_DOOR);
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        assertTrue(alive(session));
        Permit another = permit(CLIENT, new Ip6Address(DOOR.high(), DOOR.low() + 9));
        kernel.open(another, MINUTE);
        assertTrue(alive(net.connect(CLIENT, another.door(), GATED)));
    }

    @Test
    void withoutTheInterfaceTheTableIsPutBackAllTheSame() throws Exception {
        begin(DoorMode.ADDRESS);
        kernel.open(PERMIT, MINUTE);
        net.server.run("nft", "flush", "ruleset");
        net.server.run("ip", "link", "del", "srv0");
        assertEquals(Set.of(Disturbance.TABLE, Disturbance.ADDRESS, Disturbance.INTERFACE), heard());
        assertThrows(KernelException.class, () -> restore(ONE_DOOR), "a door is missing");
        assertTrue(kernel.stands());
    }

    @Test
    void aDoorIsReadyWhenItsRouteIsTold() throws Exception {
        begin(DoorMode.ADDRESS);
        machine = 0;
        assertFalse(kernel.open(PERMIT, MINUTE));
        awaitReady(DOOR);
        assertTrue(kernel.isReady(DOOR));
        assertEquals(0, machine, "doors are not the machine's own");
        assertTrue(kernel.open(PERMIT, MINUTE), "it is up already");
        kernel.remove(DOOR);
        assertFalse(kernel.isReady(DOOR));
    }

    @Test
    void whereThePrefixIsRoutedADoorIsReadyAtOnce() throws Exception {
        begin(DoorMode.ANYIP);
        assertTrue(kernel.open(permit(CLIENT, TwoHosts.ROUTED_DOOR), MINUTE));
        assertTrue(kernel.isReady(TwoHosts.ROUTED_DOOR));
        assertEquals(Set.of(), heard());
        assertEquals(Set.of(), ready);
    }

    @Test
    void prefixesOfBeforeAreKeptAsLongAsTheyAreAskedFor() throws Exception {
        begin(DoorMode.ANYIP);
        DoorPrefix routed = guard(DoorMode.ANYIP).doors().get(0);
        DoorPrefix onLink = guard(DoorMode.ADDRESS).doors().get(0);
        Guard both = new Guard(List.of(onLink, routed), guard(DoorMode.ANYIP).gated());
        Permit old = permit(CLIENT, TwoHosts.ROUTED_DOOR);
        stand(kernel, both, new Standing(Map.of(old, MINUTE), Map.of(), Map.of()));
        kernel.open(PERMIT, MINUTE);
        Socket session = net.connect(CLIENT, TwoHosts.ROUTED_DOOR, GATED);
        assertTrue(alive(session));
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        assertEquals(List.of(routed.space().prefix()), kernel.prefixes());
        net.server.run("ip", "-6", "route", "del", "local", "2001:db8:2::/64", "dev", "lo", "table", "local");
        assertEquals(Set.of(Disturbance.ROUTE), heard());
        kernel.align(Map.of(DOOR, MINUTE));
        assertTrue(alive(session));
        stand(kernel, guard(DoorMode.ADDRESS), new Standing(Map.of(PERMIT, MINUTE), Map.of(), Map.of(DOOR, MINUTE)));
        assertEquals(List.of(), kernel.prefixes());
    }

    @Test
    void sessionsThatNoPermitAccountsForAreCut() throws Exception {
        begin(DoorMode.ANYIP);
        Permit known = permit(CLIENT, TwoHosts.ROUTED_DOOR);
        Permit lost = permit(OTHER_CLIENT, TwoHosts.ROUTED_DOOR);
        kernel.open(known, MINUTE);
        kernel.open(lost, MINUTE);
        Socket stays = net.connect(CLIENT, TwoHosts.ROUTED_DOOR, GATED);
        Socket goes = net.connect(OTHER_CLIENT, TwoHosts.ROUTED_DOOR, GATED);
        assertTrue(alive(goes));
        assertEquals(1, kernel.cutOthers(door -> List.of(known)));
        assertFalse(alive(goes));
        assertTrue(alive(stays));
        assertEquals(0, kernel.cutOthers(door -> List.of(known)));
    }

    /** What an administrator sends on from a door to somewhere else never comes to the guard's own chain as one to the door. */
    @Test
    void aFlowThatIsSentOnFromADoorIsDroppedWhenItIsCut() throws Exception {
        begin(DoorMode.ANYIP);
        net.server.run(
                "nft",
                "table ip6 nat { chain pre { type nat hook prerouting priority dstnat; "
                        + "ip6 daddr " + TwoHosts.ROUTED_DOOR + " tcp dport 99 dnat to [" + TwoHosts.ROUTED_SERVER
                        + "]:"
                        + TwoHosts.OPEN + "; }; }");
        Socket flow = net.connect(CLIENT, TwoHosts.ROUTED_DOOR, 99);
        assertTrue(alive(flow));
        kernel.cut(permit(CLIENT, TwoHosts.ROUTED_DOOR), MINUTE);
        flow.setSoTimeout(1000);
        assertFalse(alive(flow));
        assertTrue(net.silent(CLIENT, TwoHosts.ROUTED_DOOR, 99));
    }

    @Test
    void doorsMoveToTheInterfaceThatCarriesTheirPrefixNow() throws Exception {
        begin(DoorMode.ADDRESS);
        kernel.open(PERMIT, MINUTE);
        net.server.run("ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1");
        net.server.run("ip", "link", "set", "other0", "up");
        DoorSpace space = guard(DoorMode.ADDRESS).doors().get(0).space();
        Guard moved = new Guard(
                List.of(new DoorPrefix(DoorMode.ADDRESS, space, "other0")),
                guard(DoorMode.ADDRESS).gated());
        assertEquals("srv0", kernel.carrier(DOOR));
        stand(kernel, moved, ONE_DOOR);
        assertEquals("other0", kernel.carrier(DOOR));
        assertEquals(List.of(DOOR), kernel.addresses());
        kernel.remove(DOOR);
        assertEquals("", kernel.carrier(DOOR));
    }

    /** The interface of the prefix of before has gone. */
    @Test
    void oneDoorThatCannotBePutUpKeepsNoOtherDown() throws Exception {
        begin(DoorMode.ADDRESS);
        Map<Ip6Address, Duration> doors = new LinkedHashMap<>();
        for (int i = 0; i < 5; i++) {
            doors.put(new Ip6Address(0x2001_0db8_0009_0000L, 7 + i), MINUTE);
            doors.put(new Ip6Address(DOOR.high(), DOOR.low() + i), MINUTE);
        }
        DoorPrefix gone = new DoorPrefix(
                DoorMode.ADDRESS,
                new DoorSpace(Ip6Prefix.parse("2001:db8:9::/64"), DoorSpace.DEFAULT_RESERVED),
                "nosuch0");
        Guard both = new Guard(
                List.of(guard(DoorMode.ADDRESS).doors().get(0), gone),
                guard(DoorMode.ADDRESS).gated());
        kernel.install(both, new Standing(Map.of(), Map.of(), doors));
        assertThrows(KernelException.class, () -> kernel.align(doors));
        assertEquals(5, kernel.addresses().size());
    }

    @Test
    void aRenamedInterfaceCarriesDoorsOnThoughTheGuardIsAnother() throws Exception {
        begin(DoorMode.ADDRESS);
        net.server.run("ip", "link", "set", "srv0", "down");
        net.server.run("ip", "link", "set", "srv0", "name", "other0");
        net.server.run("ip", "link", "set", "other0", "up");
        Guard other = new Guard(guard(DoorMode.ADDRESS).doors(), List.of());
        stand(kernel, other, Standing.NOTHING);
        kernel.open(PERMIT, MINUTE);
        assertEquals("other0", kernel.carrier(DOOR));
    }
}
