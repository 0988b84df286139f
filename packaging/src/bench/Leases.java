import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Marks;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.agent.state.ServerFile;
import org.mayfly.agent.state.StoredClient;
import org.mayfly.agent.state.StoredLeases;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Leases grant|restart LEASES DIRECTORY table|json: how many leases an agent can hold, and how it comes back with them. */
public final class Leases {
    private static final OperatingSystemMXBean CPU =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final int THOUSAND = 1000;
    private static final Duration HOURS = Duration.ofHours(2);

    private final ServerIdentity server;
    private final KnockSender key;
    private final Settings settings;
    private final Client client;
    private final Path directory;

    private Leases(int leases, Path directory) throws Exception {
        this.directory = directory;
        server = ServerFile.readOrCreate(directory).identity();
        ClientFiles files = new ClientFiles(directory.resolve("clients"), server);
        if (files.load().clients().isEmpty()) {
            files.save(files.create("laptop", List.of("ssh"), SourcePolicy.EXACT));
        }
        Quota quota = new Quota(leases, 1_000_000_000, Quota.Full.REFUSE);
        StoredClient laptop = files.load().clients().get(0);
        client = laptop.toClient(quota);
        key = laptop.keyset().keys().get(0);
        Service ssh = new Service("ssh", Protocol.TCP, 22, HOURS, HOURS, Ipv4Access.CLOSED);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8:d::/64"), DoorSpace.DEFAULT_RESERVED);
        List<GatedPort> gated = List.of(new GatedPort(Protocol.TCP, 22, Ipv4Access.CLOSED));
        settings = new Settings(
                new Guard(List.of(new DoorPrefix(DoorMode.ANYIP, doors, "lo")), gated),
                Map.of("ssh", ssh),
                Duration.ofHours(1),
                quota,
                leases);
    }

    public static void main(String[] args) throws Exception {
        Leases bench = new Leases(Integer.parseInt(args[1]), Path.of(args[2]));
        Map<String, Double> results = new LinkedHashMap<>();
        if (args[0].equals("grant")) {
            bench.grant(Integer.parseInt(args[1]), results);
        } else {
            bench.restart(Integer.parseInt(args[1]), results);
        }
        results.put("s of CPU, user and system", CPU.getProcessCpuTime() / 1e9);
        results.put("MB resident at most", resident() / 1e3);
        if (args[3].equals("json")) {
            List<String> members = new ArrayList<>();
            results.forEach((name, value) -> members.add(String.format(
                    Locale.ROOT, "\"%s\": %.3f", name.replace("µs", "us").replaceAll("[^A-Za-z]+", "_"), value)));
            System.out.println("{" + String.join(", ", members) + "}");
        } else {
            results.forEach((name, value) -> System.out.printf(Locale.ROOT, "%-42s %,14.2f%n", name, value));
        }
    }

    /** KB, as proc(5) has it. */
    private static double resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private void grant(int leases, Map<String, Double> results) throws Exception {
        results.put("leases", (double) leases);
        try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", true);
                StoredLeases file = StoredLeases.open(directory, new Machine())) {
            Agent agent = agent(kernel, file);
            agent.clients(List.of(client));
            agent.apply(settings);
            knocks(agent, THOUSAND, 0); // warm, as far as that goes in so few
            long before = heap();
            long begun = System.nanoTime();
            double first = knocks(agent, THOUSAND, THOUSAND);
            knocks(agent, leases - 3 * THOUSAND, 2 * THOUSAND);
            double last = knocks(agent, THOUSAND, leases - THOUSAND);
            double seconds = (System.nanoTime() - begun) / 1e9;
            results.put("µs a grant, first thousand", first);
            results.put("µs a grant, last thousand", last);
            results.put("grants a second", (leases - THOUSAND) / seconds);
            results.put("bytes on the heap a lease", (double) (heap() - before) / (leases - THOUSAND));
            if (agent.leases().size() != leases) {
                throw new AssertionError(agent.leases().size() + " leases");
            }
        }
    }

    private void restart(int leases, Map<String, Double> results) throws Exception {
        long begun = System.nanoTime();
        try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", true);
                StoredLeases file = StoredLeases.open(directory, new Machine())) {
            Agent agent = agent(kernel, file);
            agent.clients(List.of(client));
            int adopted = agent.adopt();
            double on = (System.nanoTime() - begun) / 1e9;
            agent.apply(settings);
            results.put("s to read them and go on with them", on);
            results.put("s until the guard stands again with all", (System.nanoTime() - begun) / 1e9);
            if (adopted != leases) {
                throw new AssertionError(adopted + " leases were adopted");
            }
        }
    }

    private Agent agent(NetlinkKernel kernel, StoredLeases file) throws Exception {
        KnockSender decoy = ClientKeyset.create(server).keys().get(0);
        return new Agent(
                settings, kernel, server.gate(), new Memory(), file, new Machine(), decoy, new Random(), new Silent());
    }

    /** @return µs for each */
    private double knocks(Agent agent, int count, int from) {
        long spent = 0;
        long now = System.currentTimeMillis() * 1_000_000;
        for (int i = from; i < from + count; i++) {
            KnockRequest request = new KnockRequest(0, now + i, Ip6Address.UNSPECIFIED, "ssh");
            byte[] packet = key.write(KnockSender.randomNonce(), request);
            long begun = System.nanoTime();
            Verdict verdict = agent.knock(packet, 0, packet.length, 0x2001_0db8_000c_0000L, i + 1L);
            spent += System.nanoTime() - begun;
            if (verdict != Verdict.ACCEPTED) {
                throw new AssertionError("lease " + i + ": " + verdict);
            }
        }
        return spent / 1e3 / count;
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static final class Machine implements Clock {
        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public long wallNanos() {
            return System.currentTimeMillis() * 1_000_000;
        }
    }

    private static final class Memory implements Marks {
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
        public void floor(long stamp) {}

        @Override
        public boolean kept() {
            return true;
        }

        @Override
        public boolean trusted() {
            return true;
        }
    }

    private static final class Silent implements AgentListener {
        @Override
        public void opened(Lease lease) {}

        @Override
        public void changed(Lease lease) {}

        @Override
        public void ended(Lease lease, Lease.End why) {}

        @Override
        public void refused(Verdict verdict, String client) {}

        @Override
        public void warning(String message) {
            throw new AssertionError(message);
        }
    }
}
