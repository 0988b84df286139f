package org.mayfly.agent.runtime;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.state.StoredLeases;
import org.mayfly.agent.state.StoredMarks;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Goes the way of a knock some thousand times before anybody does, since the first time loads its classes and the next ones
 * run as bytecode. It is the very way, with objects of the very classes: what Java compiles, it compiles for the classes
 * that it has seen, and begins anew when another one comes.
 *
 * <p>So there is a socket, on loopback, on the same loop; an agent of its own, with an identity, a client, marks, leases
 * and a log that are forgotten afterwards; and the real kernel, which lets addresses in that nobody has (RFC 6666), to doors
 * that nobody finds, at a port that is not gated. All of it is taken back after each round; should the agent be killed
 * meanwhile, it is gone within three seconds. In mode address the first few doors are up on loopback until then: more of
 * them would be thousands of events for everybody who listens to addresses.
 */
final class Warmup {
    private static final Logger LOG = Logger.getLogger(Warmup.class.getName());

    /** For this only: the real agent is at work meanwhile, and what it has to tell is to be heard. */
    private static final Logger AUDIT = Logger.getLogger(Warmup.class.getName() + ".audit");

    private static final String COLD = "the first knocks will take longer, for they could not be rehearsed: ";

    private static final int KEYS = 16;

    /** More does not make the next knock quicker. */
    private static final int ROUNDS = 8;

    /** Of a round. */
    private static final int KNOCKS = 256;

    /** Of them in mode address. */
    private static final int ADDRESSES = 32;

    /** Packets that are read at once, at most. */
    private static final int BURST = 4;

    private static final Ip6Prefix NOWHERE = Ip6Prefix.parse("100::/64");
    private static final long SOURCES = 0x0100_0000_0000_0000L;

    /** What the kernel would keep it for. */
    private static final Duration LEASE = Duration.ofSeconds(1);

    /** The agent starts after that, however far it went. A machine that is busy may take it all. */
    private static final Duration MOST = Duration.ofSeconds(3);

    private static final Service SERVICE =
            new Service("warmup", Protocol.TCP, 9, LEASE, Duration.ofHours(1), Ipv4Access.CLOSED);

    private final Place place;
    private final ClockAhead clock = new ClockAhead();
    private final ServerIdentity server = ServerIdentity.create();
    private final KnockSender sender;
    private final KernelPort kernel;
    private final Agent agent;
    private final AgentLoop loop;
    private int sent;

    /**
     * Where it is done.
     *
     * @param directory for its marks and leases; made and taken away again
     * @param until when it stops, by {@link System#nanoTime}
     */
    private record Place(NetlinkKernel kernel, Transport transport, EventLoopGroup group, Path directory, long until) {}

    /** Tells the agent that it is later than it is, so that leases end and nobody waits for it. On the loop. */
    private static final class ClockAhead implements Clock {
        private final Clock clock = new SystemClock();
        private long ahead;

        void skip(Duration time) {
            ahead += time.toNanos();
        }

        @Override
        public long monotonicNanos() {
            return clock.monotonicNanos() + ahead;
        }

        @Override
        public long wallNanos() {
            return clock.wallNanos();
        }
    }

    private Warmup(Place place, DoorMode mode, StoredMarks marks, StoredLeases leases)
            throws GeneralSecurityException, KernelException, IOException {
        this.place = place;
        DoorPrefix doors = new DoorPrefix(mode, new DoorSpace(NOWHERE, DoorSpace.DEFAULT_RESERVED), "lo");
        Settings settings = new Settings(
                new Guard(List.of(doors), List.of()),
                Map.of(SERVICE.name(), SERVICE),
                Duration.ofHours(1),
                new Quota(KNOCKS, ROUNDS * KNOCKS, Quota.Full.REFUSE),
                KNOCKS);
        kernel = place.kernel.rehearsal(settings.guard());
        ClientKeyset keyset = ClientKeyset.create(server);
        sender = keyset.keys().get(0);
        agent = new Agent(
                settings,
                kernel,
                server.gate(),
                marks,
                leases,
                clock,
                ClientKeyset.create(server).keys().get(0),
                new SecureRandom(),
                new Audience(List.of(new AuditLog(clock, AUDIT), new Refusals(), new Monitors(clock))));
        loop = new AgentLoop(place.group.next(), agent, clock);
        Client client = new Client("warmup", List.of(SERVICE.name()), SourcePolicy.EXACT, true, null, keyset.keys());
        loop.await(() -> {
            agent.apply(settings);
            agent.clients(List.of(client));
            return client;
        });
    }

    /**
     * Does it, in a second or so, and {@link #MOST} at most. If it cannot be done, the first knocks take longer, and a line
     * says why; whatever it is, the agent starts.
     *
     * @param state where it may make a directory
     * @return how many doors were opened
     */
    static long run(NetlinkKernel kernel, Transport transport, EventLoopGroup group, DoorMode mode, Path state) {
        Place place = new Place(kernel, transport, group, state.resolve("warmup"), System.nanoTime() + MOST.toNanos());
        long opened = 0;
        try {
            if (mode == DoorMode.ADDRESS) {
                opened += run(place, DoorMode.ADDRESS, 1, ADDRESSES);
            }
            return opened + run(place, DoorMode.ANYIP, ROUNDS, KNOCKS);
        } catch (IOException | KernelException e) {
            LOG.warning(COLD + e.getMessage());
        } catch (Exception | Error e) { // also where a class of it does not load
            LOG.warning(COLD + e);
        }
        return opened;
    }

    /** @throws IOException if it opens nothing, too */
    private static long run(Place place, DoorMode mode, int rounds, int knocks)
            throws IOException, KernelException, GeneralSecurityException {
        remove(place.directory); // of an agent that was killed meanwhile
        try (StoredMarks marks = StoredMarks.open(place.directory, KEYS, true);
                StoredLeases leases = StoredLeases.open(place.directory, new SystemClock())) {
            Warmup warmup = new Warmup(place, mode, marks, leases);
            Logging.unheard(AUDIT, () -> warmup.knocks(rounds, knocks));
            if (warmup.opened() == 0) {
                throw new IOException("no door was opened; what became of the knocks: " + warmup.verdicts());
            }
            return warmup.opened();
        } finally {
            remove(place.directory);
        }
    }

    private Map<Verdict, Long> verdicts() throws IOException, KernelException {
        Map<Verdict, Long> verdicts = new EnumMap<>(loop.await(agent::verdicts));
        verdicts.values().removeIf(count -> count == 0);
        return verdicts;
    }

    private long opened() throws IOException, KernelException {
        return verdicts().getOrDefault(Verdict.ACCEPTED, 0L);
    }

    private static void remove(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private void knocks(int rounds, int knocks) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Listeners listeners = new Listeners(place.transport, place.group, Packet.LENGTH, loop);
                DatagramSocket socket = new DatagramSocket(0, loopback)) {
            InetSocketAddress to = new InetSocketAddress(loopback, freePort(loopback));
            listeners.udp(to);
            socket.connect(to);
            for (int i = 0; i < rounds && !isLate(); i++) {
                round(socket, knocks);
                if (opened() == 0) {
                    return; // as without a disk, and more of it is of no use
                }
            }
        } catch (KernelException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static int freePort(InetAddress address) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, address)) {
            return socket.getLocalPort();
        }
    }

    private void round(DatagramSocket socket, int knocks) throws IOException, KernelException {
        for (int i = 0; i < knocks; i++) {
            byte[] packet = packet();
            send(socket, packet);
            send(socket, packet); // a replay
            packet[0] ^= 1;
            send(socket, packet); // junk
            if (i % BURST == 0) {
                loop.await(this::ready);
            }
        }
        while (loop.await(this::judged) < 3L * sent && !isLate()) {
            // a datagram may be lost, even here
        }
        loop.await(this::end);
    }

    /** The kernel would end the permits as well, and the list of them would be long for a second. */
    private Agent end() throws KernelException {
        for (Lease lease : agent.leases()) {
            kernel.close(lease.permit());
        }
        clock.skip(LEASE.multipliedBy(2));
        agent.tick();
        return agent;
    }

    private boolean isLate() {
        return System.nanoTime() - place.until > 0;
    }

    private long judged() {
        return agent.verdicts().values().stream().mapToLong(n -> n).sum();
    }

    private byte[] packet() {
        Ip6Address source = new Ip6Address(SOURCES, ++sent);
        return sender.write(
                KnockSender.randomNonce(), new KnockRequest(0, clock.wallNanos() + sent, source, SERVICE.name()));
    }

    private static void send(DatagramSocket socket, byte[] packet) throws IOException {
        socket.send(new DatagramPacket(packet, packet.length));
    }

    /** What the kernel's events do where doors are addresses. */
    private List<Lease> ready() {
        List<Lease> pending = new ArrayList<>(agent.leases());
        pending.removeIf(lease -> lease.state() != Lease.State.PENDING);
        pending.forEach(lease -> agent.ready(lease.door()));
        return pending;
    }
}
