package org.mayfly.agent.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.mayfly.netlink.NetlinkException;

/**
 * How flows that are let in get their sockets. The name of the target may take seconds to look up, and a client may be
 * revoked in the meantime, when there is no socket yet that could be destroyed. So the agent is asked again when there is:
 * whoever is revoked later is found by it. On the relay's loop.
 */
final class UdpOpening implements UdpTarget.Waiting {
    /** So many flows make room for one that finds no descriptor or port, before it is given up. */
    private static final int MAKE_ROOM = 2;

    private final UdpRelay relay;
    private final UdpFlows flows;
    private final UdpIntake intake;
    private final int port;

    UdpOpening(UdpRelay relay, UdpFlows flows, UdpIntake intake, int port) {
        this.relay = relay;
        this.flows = flows;
        this.intake = intake;
        this.port = port;
    }

    @Override
    public void failed(List<UdpFlow> batch, IOException why) {
        relay.tell("has no target: " + why.getMessage());
        relay.tally.failed.add(batch.size());
        batch.forEach(relay::end);
    }

    @Override
    public void open(List<UdpFlow> batch, List<InetSocketAddress> to) {
        batch.forEach(flow -> make(flow, to));
        List<UdpFlow> made = batch.stream().filter(UdpFlow::hasSockets).toList();
        if (!made.isEmpty()) {
            intake.ask(made, this::open);
        }
    }

    private void make(UdpFlow flow, List<InetSocketAddress> to) {
        int next = 0;
        int room = 0;
        while (flow.isAskedAbout()) {
            try {
                flow.make(relay.loop(), port, to.get(next), relay);
            } catch (NetlinkException e) {
                UdpFlow eldest = flows.eldest();
                if (UdpFlow.isWant(e.errno()) && room < MAKE_ROOM && eldest != null && !eldest.equals(flow)) {
                    relay.evict(eldest);
                    room++;
                } else if (++next == to.size()) {
                    relay.failed(flow, e);
                }
            }
        }
    }

    /**
     * What was held comes first. What came to a listening socket before a flow had its own comes before all that the flow's
     * own has, so it is read next.
     */
    private void open(List<UdpFlow> confirmed) {
        confirmed.forEach(this::release);
        intake.hearAll();
        for (UdpFlow flow : confirmed) {
            try {
                flow.watch();
            } catch (IOException e) {
                relay.failed(flow, e);
            }
        }
    }

    private void release(UdpFlow flow) {
        flow.open();
        int count;
        do {
            int held = flow.heldBytes();
            count = flow.release(relay.burst);
            intake.released(held - flow.heldBytes());
            relay.toTarget(flow, 0, count);
        } while (count > 0);
    }
}
