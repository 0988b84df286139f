package org.mayfly.agent.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.config.Relay;
import org.mayfly.agent.config.Relaying;
import org.mayfly.agent.relay.UdpLimits;
import org.mayfly.agent.relay.UdpRelayPort;

/** Where a service's datagrams come in. Not on a loop. */
final class Datagrams implements Listening {
    /** Makes a port that does not listen yet; each is good for once. */
    interface Maker {
        UdpRelayPort make(Relay relay, UdpLimits limits);
    }

    private final String service;
    private final boolean ipv4;
    private final Maker maker;
    private final FlowTotals totals;
    private Relaying leading;
    private @Nullable UdpRelayPort port;

    /**
     * @param ipv4 whether it listens on IPv4 as well
     * @param leading where it leads until {@link #lead}
     */
    Datagrams(String service, boolean ipv4, Relaying leading, Maker maker, FlowTotals totals) {
        this.service = service;
        this.ipv4 = ipv4;
        this.leading = leading;
        this.maker = maker;
        this.totals = totals;
    }

    @Override
    public void listen() throws IOException {
        UdpRelayPort next = maker.make(leading.of(service), UdpLimits.of(leading.limit()));
        next.bind(ipv4);
        port = next;
        totals.add(next);
    }

    /** Flows end with it: they have no other place to hear from their clients. */
    @Override
    public void stop() {
        UdpRelayPort there = port;
        port = null;
        if (there != null) {
            there.close();
            totals.remove(there);
        }
    }

    @Override
    public void lead(Relaying next) {
        leading = next;
        UdpRelayPort there = port;
        if (there != null) {
            there.target(next.of(service).target());
            there.idle(next.of(service).idle());
            there.limits(UdpLimits.of(next.limit()));
        }
    }
}
