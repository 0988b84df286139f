package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** More happens in the kernel than it can tell, and what the agent ought to hear is among what it cannot. */
final class FloodIT {
    /** Several times what fits into the agent's receive buffer. */
    private static final int EVENTS = 40_000;

    private static final Duration SOON = Duration.ofSeconds(3);

    @ParameterizedTest
    @EnumSource
    void nothingIsMissedInAFloodOfEvents(Layout layout, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("5m", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                Path batch = Files.writeString(temp.resolve("batch"), flood() + takingAway(layout, door));
                agent.signal("STOP"); // it does not read
                net.server.run("ip", "-6", "-batch", batch.toString());
                assertTrue(judge.doors().isEmpty() && judge.localRoutes().isEmpty(), "it is gone");

                agent.signal("CONT");

                Until.holds(
                        "it is back",
                        SOON,
                        () -> layout == Layout.ON_LINK
                                ? judge.doors().contains(door)
                                : !judge.localRoutes().isEmpty());
                session.assertAlive();
                assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            }
            assertTrue(agent.metric("mayfly_disturbances_overrun_total") > 0);
            assertEquals(0, agent.metric("mayfly_disturbances_address_total"), "nobody told of it");
            assertEquals(0, agent.metric("mayfly_disturbances_route_total"), "nobody told of it");
            agent.assertTold("more happened in the kernel than it could tell; looking after everything");
        }
    }

    private static String flood() {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < EVENTS; i++) {
            String route = "2001:db8:f::" + Integer.toHexString(i / 2) + ":0/112";
            batch.append(i % 2 == 0 ? "route add blackhole " : "route del blackhole ")
                    .append(route)
                    .append('\n');
        }
        return batch.toString();
    }

    private static String takingAway(Layout layout, Ip6Address door) {
        return layout == Layout.ON_LINK
                ? "address del " + door + "/128 dev eth0\n"
                : "route del local " + layout.prefix() + " dev lo table local\n";
    }
}
