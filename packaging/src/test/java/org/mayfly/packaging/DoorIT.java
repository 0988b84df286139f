package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** One knock, one door, for one client, to one service; and the rest of the server's life goes on. */
final class DoorIT {
    private static final int GATED = 22;
    private static final int OTHER = 8080;

    @ParameterizedTest
    @EnumSource
    void oneKnockOpensOneDoorForOneClientToOneService(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED, OTHER)) {
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, GATED), "before there is an agent");
            try (Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
                assertEquals(layout.mode, agent.status().get("mode").getAsString());
                Judge judge = new Judge(net, layout);
                Knocker alice = agent.enrol("alice");
                byte[] packet = alice.packet("ssh");
                Ip6Address door = alice.door(packet);

                assertTrue(judge.shut());
                assertNotEquals(Met.IN, Session.attempt(net.client, door, GATED));
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GATED));

                alice.send(net.client, packet);

                Until.holds("the permit", Mayflyd.PATIENCE, () -> judge.permits(Network.CLIENT, door));
                assertEquals(1, judge.permits().size());
                assertEquals(layout == Layout.ON_LINK ? List.of(door) : List.of(), judge.doors());
                assertEquals(
                        layout == Layout.ROUTED,
                        judge.localRoutes().stream().anyMatch(r -> r.contains(" " + layout.prefix() + " ")));
                // Asked for it before, the router may hold for some seconds that nobody has the address.
                Until.answer("in", Mayflyd.PATIENCE, () -> Session.attempt(net.client, door, GATED), Met.IN::equals);
                assertEquals(Met.SILENCE, Session.attempt(net.client2, door, GATED), "another client");
                assertEquals(Met.SILENCE, Session.attempt(net.client, door, OTHER), "another port of the door");
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, GATED), "no door");
                assertEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, OTHER), "not ours to close");
            }
        }
    }

    /** By nmap, from where nobody knocked, while a door is open; 9 is a port where nothing listens. */
    @ParameterizedTest
    @EnumSource
    void aScannerFindsNothing(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED, OTHER);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("2m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            Ip6Address door = alice.open(agent, net.client, "ssh");
            Ip6Address guess = alice.door(alice.packet("ssh"));
            assertEquals(Met.IN, Session.attempt(net.client, door, GATED), "there is something to find");

            String ports = "9,22,8080";
            Map<Integer, String> nothing = Map.of(9, "filtered", GATED, "filtered", OTHER, "filtered");
            for (String kind : List.of("-sS", "-sA")) {
                assertEquals(nothing, Nmap.scan(net.client2, kind, door, ports), kind + " of the door");
                assertEquals(nothing, Nmap.scan(net.client2, kind, guess, ports), kind + " of a guess");
            }
            for (Ip6Address known : List.of(Network.SERVER, Network.SERVER_IPV4)) {
                assertEquals(
                        Map.of(9, "closed", GATED, "filtered", OTHER, "open"),
                        Nmap.scan(net.client2, "-sS", known, ports),
                        "-sS of " + known);
                assertEquals(
                        Map.of(9, "unfiltered", GATED, "filtered", OTHER, "unfiltered"),
                        Nmap.scan(net.client2, "-sA", known, ports),
                        "-sA of " + known);
            }
        }
    }
}
