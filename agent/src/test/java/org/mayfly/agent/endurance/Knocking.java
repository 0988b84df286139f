package org.mayfly.agent.endurance;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.MemoryMarks;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.core.Verdict;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** An agent on the machine's own clock, and a client that knocks as fast as it can. */
final class Knocking implements AgentListener {
    static final String PREFIX = "2001:db8:d::/64";

    private static final Ip6Address CLIENT = Ip6Address.parse("2001:db8:c::7");
    private static final int PORT = 22;

    /** More than can be asked for, so that the limit of doors alone counts. */
    private static final Quota PLENTY = new Quota(1_000_000, 1_000_000, Quota.Full.REFUSE);

    private final RisingClock clock = new RisingClock();
    private final KnockSender key;
    private final Agent agent;
    private int opened;
    private int ended;

    Knocking(KernelPort kernel, DoorMode mode, String doorInterface, int limit)
            throws GeneralSecurityException, KernelException {
        ServerIdentity server = ServerIdentity.create();
        key = ClientKeyset.create(server).keys().get(0);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse(PREFIX), DoorSpace.DEFAULT_RESERVED);
        Service ssh =
                new Service("ssh", Protocol.TCP, PORT, Duration.ofMinutes(1), Duration.ofHours(1), Ipv4Access.CLOSED);
        List<GatedPort> gated = List.of(new GatedPort(Protocol.TCP, PORT, Ipv4Access.CLOSED));
        Settings settings = new Settings(
                new Guard(List.of(new DoorPrefix(mode, doors, doorInterface)), gated),
                Map.of(ssh.name(), ssh),
                Duration.ofSeconds(30),
                PLENTY,
                limit);
        KnockSender decoy = ClientKeyset.create(server).keys().get(0);
        agent = new Agent(
                settings,
                kernel,
                server.gate(),
                new MemoryMarks(true),
                new MemoryLeases(),
                clock,
                decoy,
                new Random(1),
                this);
        agent.apply(settings);
        agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, false, null, List.of(key))));
    }

    Verdict knock(long leaseSeconds) {
        byte[] packet = key.write(
                KnockSender.randomNonce(),
                new KnockRequest(leaseSeconds, clock.wallNanos(), Ip6Address.UNSPECIFIED, ""));
        return agent.knock(packet, 0, packet.length, CLIENT.high(), CLIENT.low());
    }

    /** Lets what is due end, for as long as there is a lease. */
    void untilAllAreOver() throws InterruptedException {
        while (live() > 0) {
            untilOneIsOver();
        }
    }

    /** Waits for the moment when something is due, and does it. */
    void untilOneIsOver() throws InterruptedException {
        long wait = agent.nextDue() - clock.monotonicNanos();
        if (wait > 0) {
            Thread.sleep(Duration.ofNanos(wait).plusMillis(1).toMillis());
        }
        agent.tick();
    }

    /** What a reload does; what was remembered of the kernel is then what is in it. */
    void reload() throws KernelException {
        agent.apply(agent.settings());
    }

    int live() {
        return agent.leases().size();
    }

    int opened() {
        return opened;
    }

    int ended() {
        return ended;
    }

    @Override
    public void opened(Lease lease) {
        opened++;
    }

    @Override
    public void changed(Lease lease) {}

    @Override
    public void ended(Lease lease, Lease.End why) {
        if (why != Lease.End.EXPIRED) {
            throw new AssertionError("a lease was to expire, not: " + why);
        }
        ended++;
    }

    @Override
    public void refused(Verdict verdict, String client) {}

    @Override
    public void warning(String message) {
        throw new AssertionError(message);
    }

    /** No two stamps are the same, however coarse the machine's clock. */
    private static final class RisingClock implements Clock {
        private long last;

        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public long wallNanos() {
            last = Math.max(last + 1, System.currentTimeMillis() * 1_000_000);
            return last;
        }
    }
}
