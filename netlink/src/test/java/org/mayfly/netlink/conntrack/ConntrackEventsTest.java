package org.mayfly.netlink.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;

/** What comes and goes is told. */
final class ConntrackEventsTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void whatComesAndGoesIsTold() throws Exception {
        InetAddress here = InetAddress.getByName("192.0.2.1");
        Flow flow = new Flow(new Tuple(here, here, Transport.ports(17, 1, 2)), 60, 7, 0, null);
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.run(
                    "nft",
                    "add table inet t; add chain inet t c { type filter hook output priority 0; };"
                            + " add rule inet t c ct state established counter");
            try (Events<FlowEvent> events = host.call(() -> ConntrackEvents.open());
                    Conntrack conntrack = host.call(Conntrack::open)) {
                conntrack.add(flow);
                await(events, 1);
                Flow added = conntrack.flow(flow.original(), 0).orElseThrow();
                assertEquals(List.of("changed 1 7 " + added.id()), told);
                conntrack.delete(added);
                await(events, 2);
                assertEquals("gone 1 7 " + added.id(), told.get(1));
            }
        }
    }

    private void await(Events<FlowEvent> events, int count) throws Exception {
        while (told.size() < count) {
            assertTrue(events.poll(10_000), told::toString);
            events.read(new Events.Handler<FlowEvent>() {
                @Override
                public void event(FlowEvent event) {
                    told.add((event.gone() ? "gone " : "changed ") + print(event.flow()));
                }

                @Override
                public void overrun() {
                    throw new AssertionError("an overrun");
                }
            });
        }
    }

    private static String print(Flow flow) {
        return flow.original().transport().sourcePort() + " " + flow.mark() + " " + flow.id();
    }
}
