package org.mayfly.bench;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** An agent with one client and a kernel in memory, and what is needed to knock at it. */
final class Bare {
    static final DoorSpace DOORS = new DoorSpace(Ip6Prefix.parse("2001:db8:1:2::/64"), DoorSpace.DEFAULT_RESERVED);
    private static final int MANY = 1_000_000;
    private static final Duration LEASE = Duration.ofSeconds(1);
    private static final long HOME = 0x2001_0db8_000c_0000L;

    final Surroundings around = new Surroundings();
    final ServerIdentity server = ServerIdentity.create();
    final KnockSender key;
    final Agent agent;
    private long source;

    Bare() throws GeneralSecurityException, KernelException {
        ClientKeyset keyset = ClientKeyset.create(server);
        key = keyset.keys().get(0);
        Service ssh = new Service("ssh", Protocol.TCP, 22, LEASE, LEASE, Ipv4Access.CLOSED);
        Settings settings = new Settings(
                new Guard(
                        List.of(new DoorPrefix(DoorMode.ANYIP, DOORS, "eth0")),
                        List.of(new GatedPort(Protocol.TCP, 22, Ipv4Access.CLOSED))),
                Map.of("ssh", ssh),
                Duration.ofSeconds(30),
                new Quota(MANY, MANY, Quota.Full.REFUSE),
                MANY);
        agent = new Agent(
                settings,
                new InMemoryKernel(around),
                server.gate(),
                around,
                around,
                around,
                stranger(),
                new Random(1),
                around);
        agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, true, null, keyset.keys())));
        agent.apply(settings);
    }

    /** A key that this server's gate lets pass, and that no client of it has. */
    KnockSender stranger() throws GeneralSecurityException {
        return ClientKeyset.create(server).keys().get(0);
    }

    /** A knock of that time, by the wall clock. */
    byte[] packet(KnockSender by, long stamp) {
        return by.write(KnockSender.randomNonce(), new KnockRequest(0, stamp, Ip6Address.UNSPECIFIED, "ssh"));
    }

    /** The packet with another octet, and a gate tag that fits. */
    byte[] altered(byte[] packet, int at) {
        byte[] p = packet.clone();
        p[at] ^= 1;
        server.gate().putTag(p, 0);
        return p;
    }

    /** A packet arrives, from another network than the last; some time has gone by, so that no limit of them is met. */
    Verdict receive(byte[] block, int offset) {
        around.passUnseen(1_000_000);
        return agent.receive(block, offset, Packet.LENGTH, HOME + (++source & 0xffff), source);
    }
}
