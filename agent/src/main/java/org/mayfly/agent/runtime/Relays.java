package org.mayfly.agent.runtime;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.Relay;
import org.mayfly.agent.config.Relaying;
import org.mayfly.agent.config.Translating;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.PacketSink;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.relay.Admission;
import org.mayfly.agent.relay.PipeCounts;
import org.mayfly.agent.relay.Pipes;
import org.mayfly.agent.relay.RelayPort;
import org.mayfly.agent.relay.SharedPort;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.relay.TransparentPort;
import org.mayfly.agent.relay.UdpCounts;
import org.mayfly.agent.relay.UdpRelayPort;
import org.mayfly.agent.translate.Dns64;
import org.mayfly.agent.translate.Dns64Counts;
import org.mayfly.agent.translate.Dns64Settings;
import org.mayfly.agent.translate.Nat64Targets;
import org.mayfly.agent.translate.Rfc6052;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Packet;

/**
 * The ports that a reload may change: TCP where knocks are taken, shared with a backend or not, and those of relayed
 * services. Not on a loop, but for what says so.
 */
final class Relays implements AutoCloseable {
    /** Where nobody gets to the socket of NAT64 past the guard's rule, which names it. */
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");

    private static final PipeCounts NONE = new PipeCounts(0, 0, 0, 0, 0, 0, 0);

    private final Transport transport;
    private final EventLoopGroup loop;
    private final Listeners listeners;
    private final List<InetSocketAddress> tcp;
    private final PacketSink sink;
    private final Admission admission;
    private final FlowTotals flows = new FlowTotals();
    private final Nat64Targets.Own own;
    private final LongAdder refused = new LongAdder();
    private final Late late = new Late();
    private volatile Map<Key, Listening> open = Map.of();

    /** Made when something is to be piped: most agents have no use for another thread. */
    private volatile @Nullable Pipes pipes;

    /** A port, and what it is: of those that exclude one another one is open. */
    private record Key(Protocol protocol, int port, String kind) {
        boolean excludes(Key other) {
            return protocol == other.protocol && port == other.port && !kind.equals(other.kind);
        }
    }

    /**
     * @param tcp where knocks are taken
     * @param sink what knocks are handed to, on the loop
     * @param admission asked on the loop
     * @param own asked on the loop of the pipes
     */
    Relays(
            Transport transport,
            EventLoopGroup loop,
            Listeners listeners,
            List<InetSocketAddress> tcp,
            PacketSink sink,
            Admission admission,
            Nat64Targets.Own own) {
        this.transport = transport;
        this.loop = loop;
        this.listeners = listeners;
        this.tcp = Listeners.withoutRepeats(tcp);
        this.sink = sink;
        this.admission = admission;
        this.own = own;
    }

    /** The gated ports of services whose relay does not listen yet. */
    List<GatedPort> opening(Configuration next) {
        return next.services().stream()
                .filter(s -> next.relaying().services().containsKey(s.name()) && !open.containsKey(key(s)))
                .map(s -> new GatedPort(s.protocol(), s.port(), s.ipv4()))
                .toList();
    }

    /**
     * Listens where a configuration wants it to, and nobody does. What listens already goes on as it does until the change
     * is done.
     *
     * @throws IOException with one line: which port, and why not; all is as it was then
     */
    PortChange open(Configuration next) throws IOException {
        return open(next, (one, why) -> {
            throw why;
        });
    }

    /**
     * At the start: what the agent does not need is tried again by the worker, if it cannot listen yet.
     *
     * @throws IOException with one line, if anything else cannot
     */
    void start(Configuration c, ScheduledExecutorService worker) throws IOException {
        open(c, late::add).done();
        late.every(worker);
    }

    /** What does not listen, a line each. From any thread. */
    List<String> problems() {
        return late.problems();
    }

    private PortChange open(Configuration next, PortChange.Failure failure) throws IOException {
        Map<Key, Listening> wanted = wanted(next);
        PortChange change = new PortChange(() -> {
            open = wanted;
            late.keep(wanted.values());
            Pipes there = pipes;
            if (there != null) {
                there.limit(next.relaying().limit());
            }
        });
        wanted.values().forEach(one -> change.leads(one, next.relaying()));
        open.forEach((key, one) -> {
            if (!wanted.containsKey(key)) {
                boolean inTheWay = wanted.keySet().stream().anyMatch(key::excludes);
                change.closes(one, inTheWay);
            }
        });
        wanted.forEach((key, one) -> {
            if (!open.containsKey(key)) {
                change.opens(one);
            }
        });
        change.begin(failure);
        return change;
    }

    private Map<Key, Listening> wanted(Configuration next) {
        Map<Key, Listening> wanted = new LinkedHashMap<>();
        Relaying relaying = next.relaying();
        Target share = relaying.share();
        if (!tcp.isEmpty()) {
            put(
                    wanted,
                    new Key(Protocol.TCP, 0, share == null ? "knocks" : "share"),
                    () -> share == null
                            ? new Listening.Knocks(listeners, tcp)
                            : new Listening.Shared(
                                    new SharedPort(transport, loop, pipes(relaying), share, Packet.LENGTH, sink), tcp));
        }
        for (Service s : next.services()) {
            Relay relay = relaying.services().get(s.name());
            if (relay != null) {
                put(wanted, key(s), () -> relayed(s, relay, relaying));
            }
        }
        translating(wanted, relaying);
        return wanted;
    }

    private void translating(Map<Key, Listening> wanted, Relaying relaying) {
        Translating t = relaying.translating();
        Nat64 nat64 = t.nat64();
        if (nat64 != null) {
            // What is different is another port, so that what it led to before is not led to any more.
            put(wanted, new Key(Protocol.TCP, nat64.port(), nat64.toString()), () -> translated(nat64, relaying));
        }
        Dns64Settings dns64 = t.dns64();
        if (dns64 != null) {
            put(
                    wanted,
                    new Key(Protocol.UDP, 0, dns64.toString()),
                    () -> new Listening.Names(
                            new Dns64(transport, pipes(relaying).loop(), dns64)));
        }
    }

    private Listening translated(Nat64 nat64, Relaying relaying) {
        Nat64Targets targets = new Nat64Targets(new Rfc6052(nat64.prefix()), nat64.inside(), own);
        TransparentPort port = new TransparentPort(transport, pipes(relaying), (source, to, at) -> {
            Target target = targets.target(source, to, at);
            if (target == null) {
                refused.increment();
            }
            return target;
        });
        return new Listening.Translated(port, new InetSocketAddress(LOOPBACK.toInetAddress(), nat64.port()));
    }

    private void put(Map<Key, Listening> wanted, Key key, Supplier<Listening> otherwise) {
        Listening there = open.get(key);
        wanted.put(key, there == null ? otherwise.get() : there);
    }

    private static Key key(Service s) {
        return new Key(s.protocol(), s.port(), s.name() + (s.ipv4() == Ipv4Access.PERMIT ? ", IPv4 too" : ""));
    }

    private Listening relayed(Service s, Relay relay, Relaying relaying) {
        Pipes pipes = pipes(relaying);
        boolean ipv4 = s.ipv4() == Ipv4Access.PERMIT;
        if (s.protocol() == Protocol.UDP) {
            Datagrams.Maker maker = (to, limits) -> new UdpRelayPort(
                    transport, loop, pipes.loop(), s.port(), to.target(), to.idle(), limits, admission);
            return new Datagrams(s.name(), ipv4, relaying, maker, flows);
        }
        return new Listening.Relayed(
                s.name(), new RelayPort(transport, loop, pipes, s.port(), relay.target(), admission), ipv4);
    }

    private Pipes pipes(Relaying relaying) {
        Pipes there = pipes;
        if (there == null) {
            there = new Pipes(transport, relaying.limit());
            pipes = there;
        }
        return there;
    }

    /** From any thread. */
    PipeCounts counts() {
        Pipes there = pipes;
        return there == null ? NONE : there.counts();
    }

    /** The same of UDP. */
    UdpCounts flows() {
        return flows.counts();
    }

    /** Connections that would have led where nobody is to be led by NAT64. From any thread. */
    long refused() {
        return refused.sum();
    }

    /** Of the forwarder there is, if there is one. From any thread. */
    Optional<Dns64Counts> names() {
        return open.values().stream()
                .filter(Listening.Names.class::isInstance)
                .map(one -> ((Listening.Names) one).dns64().counts())
                .findFirst();
    }

    /** Listens no more, and resets what is piped. */
    @Override
    public void close() {
        open.values().forEach(Listening::stop);
        Pipes there = pipes;
        if (there != null) {
            there.close();
        }
    }
}
