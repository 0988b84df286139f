package org.mayfly.agent.runtime;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.agent.state.StoredMarks;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** An agent on its loop, as {@link Start} makes it, but for the kernel and the leases, which are in memory. */
final class TestAgent implements AutoCloseable {
    /** Longer than any test takes. */
    private static final Duration LONG = Duration.ofHours(1);

    private static final Ip6Address HOME = Ip6Address.parse("2001:db8:c::7");

    final SystemClock clock = new SystemClock();
    final ServerIdentity server = ServerIdentity.create();
    final InMemoryKernel kernel = new InMemoryKernel(clock);
    final Agent agent;
    final AgentLoop loop;
    private final StoredMarks marks;
    private final ClientKeyset keys;
    private final KnockSender key;
    private long stamp = clock.wallNanos();

    /** @param quota of its only client */
    TestAgent(EventLoopGroup group, Path state, Quota quota) throws Exception {
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8:d::/64"), DoorSpace.DEFAULT_RESERVED);
        Service ssh = new Service("ssh", Protocol.TCP, 22, LONG, LONG, Ipv4Access.CLOSED);
        Settings settings = new Settings(
                new Guard(List.of(new DoorPrefix(DoorMode.ANYIP, doors, "")), List.of()),
                Map.of("ssh", ssh),
                LONG,
                quota,
                quota.leases());
        keys = ClientKeyset.create(server);
        key = keys.keys().get(0);
        marks = StoredMarks.open(state, 16, true);
        agent = new Agent(
                settings,
                kernel,
                server.gate(),
                marks,
                new MemoryLeases(),
                clock,
                ClientKeyset.create(server).keys().get(0),
                new Random(1),
                new Audience(List.of(new AuditLog(clock, AuditLog.logger()), new Refusals(), new Monitors(clock))));
        loop = new AgentLoop(group.next(), agent, clock);
        loop.await(() -> {
            agent.apply(settings);
            return agent;
        });
        quota(quota);
    }

    /** What its only client may from now on. */
    void quota(Quota quota) throws Exception {
        loop.await(() -> {
            agent.clients(List.of(new Client("alice", List.of("ssh"), SourcePolicy.EXACT, true, quota, keys.keys())));
            return agent;
        });
    }

    /** A genuine one, later than those before. */
    byte[] knock() {
        return key.write(KnockSender.randomNonce(), new KnockRequest(0, ++stamp, HOME, "ssh"));
    }

    static int freePort(InetAddress address) throws IOException {
        try (DatagramSocket s = new DatagramSocket(0, address)) {
            return s.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        marks.close();
    }
}
