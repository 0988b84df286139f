package org.mayfly.agent.runtime;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ObjIntConsumer;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;
import org.mayfly.agent.core.Marks;
import org.mayfly.agent.core.Permit;
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
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Goes the way of a knock a few hundred times before anybody does, since the first time loads its classes and the next
 * ones run as bytecode. Nothing of it is real: an agent of its own, with an identity, a client and a kernel that are
 * forgotten afterwards. What is asked of the real kernel is a permit for an address that nobody has (RFC 5737) to a port
 * that is not gated, taken back at once.
 */
final class Warmup {
    private static final int KNOCKS = 2_000;
    private static final int PERMITS = 1_000;
    private static final Permit NOBODY =
            new Permit(Ip6Address.parse("192.0.2.1"), 128, Ip6Address.UNSPECIFIED, Protocol.TCP, 9);

    private Warmup() {}

    static void run(KernelPort kernel) throws GeneralSecurityException, KernelException {
        for (int i = 0; i < PERMITS; i++) {
            kernel.open(NOBODY, Duration.ofSeconds(1));
            kernel.close(NOBODY);
        }
        ServerIdentity server = ServerIdentity.create();
        SystemClock clock = new SystemClock();
        ClientKeyset keyset = ClientKeyset.create(server);
        KnockSender key = keyset.keys().get(0);
        Service service =
                new Service("warmup", Protocol.TCP, 9, Duration.ofSeconds(1), Duration.ofSeconds(1), Ipv4Access.CLOSED);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8::/64"), DoorSpace.DEFAULT_RESERVED);
        Settings settings = new Settings(
                new Guard(List.of(new DoorPrefix(DoorMode.ANYIP, doors, "")), List.of()),
                Map.of(service.name(), service),
                Duration.ofHours(1),
                new Quota(KNOCKS, KNOCKS, Quota.Full.REFUSE),
                KNOCKS);
        Agent agent = new Agent(
                settings,
                new InMemoryKernel(clock),
                server.gate(),
                new Forgotten(),
                new Unwritten(),
                clock,
                ClientKeyset.create(server).keys().get(0),
                new Random(),
                new Silent());
        agent.apply(settings);
        agent.clients(
                List.of(new Client("warmup", List.of(service.name()), SourcePolicy.EXACT, true, null, keyset.keys())));
        long stamp = clock.wallNanos();
        for (int i = 0; i < KNOCKS; i++) {
            byte[] packet = key.write(
                    KnockSender.randomNonce(), new KnockRequest(0, stamp + i, Ip6Address.UNSPECIFIED, service.name()));
            agent.knock(packet, 0, packet.length, 0x2001_0db8_0000_0000L, i + 1L);
            packet[0] ^= 1; // and the way of junk
            agent.knock(packet, 0, packet.length, 0x2001_0db8_0000_0000L, i + 1L);
        }
    }

    private static final class Forgotten implements Marks {
        private final Map<Integer, Long> stamps = new HashMap<>();

        @Override
        public int slot(long keyId) {
            return 0;
        }

        @Override
        public long stamp(int slot) {
            return stamps.getOrDefault(slot, Long.MIN_VALUE);
        }

        @Override
        public void raise(int slot, long stamp) {
            stamps.put(slot, stamp);
        }

        @Override
        public void floor(long stamp) {
            // there is none
        }

        @Override
        public boolean kept() {
            return true;
        }

        @Override
        public boolean trusted() {
            return true;
        }
    }

    private static final class Unwritten implements LeaseStore {
        @Override
        public int put(int slot, LeaseRecord lease) {
            return NONE;
        }

        @Override
        public void read(ObjIntConsumer<LeaseRecord> each) {
            // nothing was put
        }

        @Override
        public void remove(int slot) {
            // nothing was put
        }
    }

    private static final class Silent implements AgentListener {
        @Override
        public void opened(Lease lease) {
            // nobody
        }

        @Override
        public void changed(Lease lease) {}

        @Override
        public void ended(Lease lease, Lease.End why) {
            // nobody
        }

        @Override
        public void refused(Verdict verdict, String client) {
            // nobody
        }

        @Override
        public void warning(String message) {
            // nothing is wrong
        }
    }
}
