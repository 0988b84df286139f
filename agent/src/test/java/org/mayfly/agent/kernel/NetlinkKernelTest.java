package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT4;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.OPEN;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT4;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_DOOR;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_DOOR;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_SERVER;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.SERVER4;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.nft.NfTables;

/** Doors on a real kernel, tried by real connections and judged by {@code ip} and {@code nft}. */
class NetlinkKernelTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

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
    void onlyTheClientThatKnockedComesThroughItsDoor() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertTrue(net.silent(CLIENT, SERVER, GATED), "a gated port is closed");
        assertTrue(alive(net.connect(CLIENT, SERVER, OPEN)), "another port is left alone");

        kernel.open(permit(CLIENT, DOOR), MINUTE);
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        assertTrue(net.silent(OTHER_CLIENT, DOOR, GATED), "the door is not for others");
        assertTrue(net.silent(CLIENT, DOOR, OPEN), "nor for other services");
        assertTrue(net.silent(CLIENT, SERVER, GATED), "and the gate is closed as before");

        JsonObject address = address(DOOR);
        assertEquals(128, address.get("prefixlen").getAsInt());
        assertTrue(address.get("nodad").getAsBoolean());
        assertTrue(address.get("noprefixroute").getAsBoolean());
        assertTrue(address.get("deprecated").getAsBoolean());
        assertEquals(0, address.get("preferred_life_time").getAsInt());
        int valid = address.get("valid_life_time").getAsInt();
        assertTrue(valid > 58 && valid <= 62, "a minute and the grace: " + valid);
        assertEquals(List.of(DOOR), kernel.addresses());
        assertTrue(
                kernel.ownAddresses().contains(SERVER) && !kernel.ownAddresses().contains(DOOR));
        assertEquals(List.of(permit(CLIENT, DOOR)), List.copyOf(kernel.permits().keySet()));
        assertTrue(net.server
                .run("nft", "list", "set", "inet", "mayfly", "permits")
                .contains("2001:db8:1::c . " + DOOR + " . tcp . 4022 timeout 1m expires"));
    }

    @Test
    void aSessionOutlivesItsPermitAndNotItsAddress() throws Exception {
        Permit p = permit(CLIENT, DOOR);
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(p, MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        kernel.close(p);
        assertTrue(net.silent(CLIENT, DOOR, GATED), "no new one");
        assertTrue(alive(session), "the old one goes on");
        assertEquals(Map.of(p, 1), kernel.sessions(List.of(p)));

        kernel.hold(DOOR, Duration.ofHours(1));
        assertTrue(address(DOOR).get("valid_life_time").getAsInt() > 3500);
        kernel.remove(DOOR);
        assertEquals(List.of(), kernel.addresses());
        kernel.remove(DOOR);
        kernel.close(p);
        assertEquals(Map.of(), kernel.permits());
    }

    @Test
    void whatIsCutIsResetAndStaysOutUntilItIsOpenedAgain() throws Exception {
        Permit p = permit(CLIENT, DOOR);
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(p, MINUTE);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        assertTrue(alive(session));
        assertEquals(1, kernel.cut(p, MINUTE));
        assertFalse(alive(session), "reset");
        assertTrue(net.silent(CLIENT, DOOR, GATED), "cut off, though its permit has not ended");
        assertEquals(Map.of(), kernel.sessions(List.of(p)));
        assertEquals(0, kernel.cut(p, MINUTE), "nothing left to cut");

        kernel.open(p, MINUTE);
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)), "forgotten");
    }

    @Test
    void theKernelAloneEndsEverything() throws Exception {
        Permit p = permit(CLIENT, DOOR);
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(p, Duration.ofMillis(200));
        kernel.open(permit(CLIENT4, Ip6Address.UNSPECIFIED), Duration.ofMillis(200));
        kernel.close(); // the agent is gone
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (net.server.run("ip", "-6", "addr").contains(DOOR.toString())) {
            assertTrue(System.nanoTime() < deadline, "the address is still there");
        }
        String rules = net.server.run("nft", "list", "table", "inet", "mayfly");
        assertFalse(rules.contains("tcp . 4022 timeout"), rules);
        assertTrue(net.silent(CLIENT, SERVER, GATED), "the guard stays");
    }

    @Test
    void aPermitMayBeForTheWholeNetworkOfAClientOrForAnybody() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        Permit net64 = new Permit(CLIENT.masked(64), 64, DOOR, Protocol.TCP, GATED);
        Permit any = new Permit(Ip6Address.UNSPECIFIED, 0, OTHER_DOOR, Protocol.TCP, GATED);
        kernel.open(net64, MINUTE);
        kernel.open(any, MINUTE);
        Socket first = net.connect(CLIENT, DOOR, GATED);
        Socket second = net.connect(OTHER_CLIENT, DOOR, GATED);
        Socket third = net.connect(OTHER_CLIENT, OTHER_DOOR, GATED);
        assertTrue(alive(first) && alive(second) && alive(third));
        assertEquals(Map.of(net64, 2, any, 1), kernel.sessions(List.of(net64, any)));
    }

    @Test
    void ipv4IsGatedToo() throws Exception {
        Permit p = permit(CLIENT4, Ip6Address.UNSPECIFIED);
        stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
        assertTrue(net.silent(CLIENT4, SERVER4, GATED));
        assertTrue(alive(net.connect(CLIENT4, SERVER4, OPEN)));
        kernel.open(p, MINUTE);
        Socket session = net.connect(CLIENT4, SERVER4, GATED);
        assertTrue(alive(session));
        assertTrue(net.silent(OTHER_CLIENT4, SERVER4, GATED));
        assertTrue(net.silent(CLIENT, SERVER, GATED), "IPv4's permit is none for IPv6");
        assertEquals(Map.of(p, 1), kernel.sessions(List.of(p)));
        assertEquals(1, kernel.cut(p, MINUTE));
        assertFalse(alive(session));
        assertTrue(net.silent(CLIENT4, SERVER4, GATED));
    }

    @Test
    void ipv4CanBeLeftAlone() throws Exception {
        Guard g = guard(DoorMode.ANYIP);
        stand(
                kernel,
                new Guard(g.doors(), List.of(new GatedPort(Protocol.TCP, GATED, Ipv4Access.OPEN))),
                Standing.NOTHING);
        assertTrue(alive(net.connect(CLIENT4, SERVER4, GATED)));
        assertTrue(net.silent(CLIENT, SERVER, GATED));
    }

    @Test
    void withoutADoorPrefixThePortsAreClosedAllTheSame() throws Exception {
        stand(kernel, new Guard(List.of(), guard(DoorMode.ADDRESS).gated()), Standing.NOTHING);
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        kernel.open(permit(CLIENT4, Ip6Address.UNSPECIFIED), MINUTE);
        assertTrue(alive(net.connect(CLIENT4, SERVER4, GATED)));
    }

    @Test
    void aRoutedPrefixNeedsNoAddresses() throws Exception {
        stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
        assertTrue(routes().contains("local 2001:db8:2::/64 dev lo proto 77"), routes());
        Permit p = permit(CLIENT, ROUTED_DOOR);
        assertTrue(net.silent(CLIENT, ROUTED_DOOR, GATED));
        kernel.open(p, MINUTE);
        Socket session = net.connect(CLIENT, ROUTED_DOOR, GATED);
        assertTrue(alive(session));
        assertTrue(net.silent(OTHER_CLIENT, ROUTED_DOOR, GATED));
        assertTrue(net.silent(CLIENT, ROUTED_DOOR, OPEN), "the whole prefix is silent");
        assertTrue(alive(net.connect(CLIENT, ROUTED_SERVER, OPEN)), "but for what is reserved");
        assertTrue(net.silent(CLIENT, ROUTED_SERVER, GATED));
        kernel.hold(ROUTED_DOOR, MINUTE);
        assertEquals(List.of(), kernel.addresses());
        kernel.close(p);
        kernel.remove(ROUTED_DOOR);
        assertTrue(alive(session));
        assertEquals(Map.of(p, 1), kernel.sessions(List.of(p)));
        assertEquals(1, kernel.cut(p, MINUTE));
        assertFalse(alive(session));
    }

    @Test
    void anotherModeTakesItsRouteWithIt() throws Exception {
        stand(kernel, guard(DoorMode.ANYIP), Standing.NOTHING);
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertFalse(routes().contains("proto 77"), routes());
        Permit before = permit(CLIENT, DOOR);
        kernel.open(before, MINUTE);
        stand(kernel, guard(DoorMode.ANYIP), new Standing(Map.of(before, MINUTE), Map.of(), Map.of(DOOR, MINUTE)));
        assertTrue(routes().contains("local 2001:db8:2::/64 dev lo proto 77"), routes());
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)), "a door of before");
        assertTrue(net.silent(OTHER_CLIENT, DOOR, OPEN), "is still silent to others");
        kernel.remove(DOOR);
        assertEquals(List.of(), kernel.addresses());
    }

    @Test
    void theTableReadsLikeDocumentation() throws Exception {
        for (DoorMode mode : DoorMode.values()) {
            stand(kernel, guard(mode), Standing.NOTHING);
            String golden = Resources.text("guard-" + mode + ".nft");
            assertEquals(golden, net.server.run("nft", "-s", "list", "table", "inet", "mayfly"));
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        String before = globals();
        for (DoorMode mode : DoorMode.values()) {
            stand(kernel, guard(mode), Standing.NOTHING);
            kernel.open(permit(CLIENT, mode == DoorMode.ADDRESS ? DOOR : ROUTED_DOOR), MINUTE);
            kernel.uninstall();
            assertEquals("", net.server.run("nft", "list", "ruleset"));
            assertEquals(before, globals());
        }
        kernel.uninstall();
    }

    /** Without what is link-local, which is tentative at first. */
    private String globals() throws Exception {
        List<String> routes =
                routes().lines().filter(l -> l.contains("2001:db8:")).sorted().toList();
        return net.server.run("ip", "-6", "-o", "addr", "show", "scope", "global") + routes;
    }

    @Test
    void rulesCount() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        long dropped = kernel.rules().stream()
                .filter(r -> r.comment().equals("gated ports are closed on IPv6"))
                .mapToLong(r -> r.packets())
                .sum();
        assertTrue(dropped >= 1);
        assertEquals(20, kernel.rules().size());
    }

    @Test
    void aDoorThatCannotBePutUpOpensNothing() throws Exception {
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        net.server.run("sysctl", "-qw", "net.ipv6.conf.srv0.disable_ipv6=1");
        assertThrows(KernelException.class, () -> kernel.open(permit(CLIENT, DOOR), MINUTE));
        assertEquals(Map.of(), kernel.permits());
        assertEquals(List.of(), kernel.addresses());
    }

    @ParameterizedTest
    @EnumSource(DoorMode.class)
    void aBurstIsOneTransaction(DoorMode mode) throws Exception {
        stand(kernel, guard(mode), Standing.NOTHING);
        List<KernelPort.Opening> burst = burst(mode, 64);
        kernel.open(burst.get(5).permit(), Duration.ofSeconds(5)); // stands already, as after a reload
        kernel.cut(burst.get(6).permit(), MINUTE);
        try (NfTables nft = net.server.call(NfTables::open)) {
            int before = nft.generation();

            List<KernelPort.Opened> results = kernel.open(burst);

            assertEquals(before + 1, nft.generation());
            results.forEach(r -> assertNull(r.failure()));
        }
        Map<Permit, Duration> permits = kernel.permits();
        assertEquals(burst.stream().map(KernelPort.Opening::permit).collect(Collectors.toSet()), permits.keySet());
        permits.values().forEach(left -> assertTrue(left.toSeconds() > 50, () -> left.toString()));
        assertEquals(mode == DoorMode.ADDRESS ? 64 : 0, kernel.addresses().size());
        try (Socket s = net.connect(CLIENT, burst.get(6).permit().door(), GATED)) {
            assertTrue(alive(s)); // who was cut off and knocked again
        }
    }

    private static List<KernelPort.Opening> burst(DoorMode mode, int count) {
        Ip6Address first = mode == DoorMode.ADDRESS ? DOOR : ROUTED_DOOR;
        List<KernelPort.Opening> burst = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Ip6Address door = new Ip6Address(first.high(), first.low() + i);
            burst.add(new KernelPort.Opening(permit(CLIENT, door), MINUTE));
        }
        return burst;
    }

    /** One of them is in a prefix whose interface is gone. */
    @Test
    void ofABurstAllButTheBadOneAreOpened() throws Exception {
        Guard one = guard(DoorMode.ADDRESS);
        DoorSpace elsewhere = new DoorSpace(Ip6Prefix.parse("2001:db8:7::/64"), DoorSpace.DEFAULT_RESERVED);
        Guard two = new Guard(
                List.of(one.doors().get(0), new DoorPrefix(DoorMode.ADDRESS, elsewhere, "gone0")), one.gated());
        kernel.install(two, Standing.NOTHING);
        List<KernelPort.Opening> burst = burst(DoorMode.ADDRESS, 5);
        burst.set(2, new KernelPort.Opening(permit(CLIENT, Ip6Address.parse("2001:db8:7::aaaa:1")), MINUTE));

        List<KernelPort.Opened> results = kernel.open(burst);

        for (int i = 0; i < 5; i++) {
            Permit p = burst.get(i).permit();
            assertEquals(i != 2, results.get(i).failure() == null, p::toString);
            assertEquals(i != 2, kernel.permits().containsKey(p), p::toString);
            assertEquals(i != 2, kernel.addresses().contains(p.door()), p::toString);
        }
        assertThrows(KernelException.class, () -> kernel.open(List.of(burst.get(2))));
    }

    private String routes() throws Exception {
        return net.server.run("ip", "-6", "route", "show", "table", "local");
    }

    private JsonObject address(Ip6Address wanted) throws Exception {
        JsonArray links = JsonParser.parseString(net.server.run("ip", "-j", "-6", "addr", "show", "dev", "srv0"))
                .getAsJsonArray();
        for (JsonElement link : links) {
            JsonArray infos = link.getAsJsonObject().getAsJsonArray("addr_info");
            for (JsonElement a : infos == null ? new JsonArray() : infos) {
                if (a.getAsJsonObject().get("local").getAsString().equals(wanted.toString())) {
                    return a.getAsJsonObject();
                }
            }
        }
        throw new AssertionError(wanted + " is not up");
    }
}
