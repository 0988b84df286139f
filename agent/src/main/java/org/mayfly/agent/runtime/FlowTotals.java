package org.mayfly.agent.runtime;

import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.relay.UdpCounts;
import org.mayfly.agent.relay.UdpRelayPort;

/** What was counted of UDP at all relays together, those included that are closed: a count does not go back. From any thread. */
final class FlowTotals {
    private final List<UdpRelayPort> open = new ArrayList<>();
    private UdpCounts closed = new UdpCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    synchronized void add(UdpRelayPort port) {
        open.add(port);
    }

    /** That one is closed. */
    synchronized void remove(UdpRelayPort port) {
        if (open.remove(port)) {
            closed = sum(closed, port.counts());
        }
    }

    synchronized UdpCounts counts() {
        return open.stream().map(UdpRelayPort::counts).reduce(closed, FlowTotals::sum);
    }

    private static UdpCounts sum(UdpCounts a, UdpCounts b) {
        return new UdpCounts(
                a.open() + b.open(),
                a.total() + b.total(),
                a.refused() + b.refused(),
                a.evicted() + b.evicted(),
                a.expired() + b.expired(),
                a.cut() + b.cut(),
                a.failed() + b.failed(),
                a.toTarget() + b.toTarget(),
                a.toTargetBytes() + b.toTargetBytes(),
                a.toClient() + b.toClient(),
                a.toClientBytes() + b.toClientBytes(),
                a.dropped() + b.dropped());
    }
}
