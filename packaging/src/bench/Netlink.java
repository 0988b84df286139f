import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.Vocabulary;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.nft.Batch;
import org.mayfly.netlink.nft.DataType;
import org.mayfly.netlink.nft.KeyType;
import org.mayfly.netlink.nft.NfTables;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.nft.NftSet;
import org.mayfly.netlink.nft.SetElement;
import org.mayfly.netlink.nft.SetKey;
import org.mayfly.netlink.nft.Table;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * Module netlink against a C program that makes the same requests, {@code netlink.c}. The two take turns, some samples
 * each, after a warm-up of both. {@code java -cp
 * 'target/mayfly/lib/*' Netlink.java PROGRAM SAMPLES table|json}, in a network namespace where nothing is configured.
 */
final class Netlink {
    private static final int MANY = 10_000;
    private static final int WARM_UP = 100;
    private static final int TURN = 10;

    /** Round trips are so short that they can be sampled so many times as often as what takes milliseconds. */
    private static final int OFTEN = 10;

    private static final int LIFETIME = 3600;

    private static final int NLMSG_NOOP = 1;
    private static final int RTM_GETADDR = 22;
    private static final int IFADDRMSG = 8;
    private static final int BYTES_PER_ELEMENT = 72;

    private static final String ROW = "%-36s %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f %6.2f %10d%n";
    private static final String JSON = "{\"name\":\"%s\",\"c_us\":{\"median\":%.3f,\"p10\":%.3f,\"p90\":%.3f},"
            + "\"java_us\":{\"median\":%.3f,\"p10\":%.3f,\"p90\":%.3f},\"ratio\":%.3f,\"java_bytes\":%d,"
            + "\"samples\":%d}";

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Does something once. */
    private interface Operation {
        /**
         * @param item counts the rounds of a sample
         */
        void run(int item) throws Exception;
    }

    /** A row of the table. */
    private static final class Part {
        private final String name;
        private final int rounds;
        private final Operation operation;
        private final List<Double> java = new ArrayList<>();
        private final List<Double> c = new ArrayList<>();
        private long allocated;

        /**
         * @param rounds of which a sample is the mean
         */
        Part(String name, int rounds, Operation operation) {
            this.name = name;
            this.rounds = rounds;
            this.operation = operation;
        }

        /** Nanoseconds of one round. */
        double sample() throws Exception {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            for (int i = 0; i < rounds; i++) {
                operation.run(i);
            }
            long end = System.nanoTime();
            allocated += THREADS.getCurrentThreadAllocatedBytes() - before;
            return (double) (end - start) / rounds;
        }

        void forget() {
            java.clear();
            c.clear();
            allocated = 0;
        }

        /**
         * @param form for the name, three figures of C, three of Java, the ratio, the bytes and the number of samples
         */
        String print(String form) {
            return String.format(
                    Locale.ROOT, form, name, at(c, 0.5), at(c, 0.1), at(c, 0.9), at(java, 0.5), at(java, 0.1),
                    at(java, 0.9), at(java, 0.5) / at(c, 0.5), Math.round((double) allocated / java.size() / rounds),
                    java.size());
        }

        /** Microseconds. */
        private static double at(List<Double> nanoseconds, double part) {
            double[] sorted = nanoseconds.stream().mapToDouble(n -> n).sorted().toArray();
            return sorted[(int) Math.round(part * (sorted.length - 1))] / 1000;
        }
    }

    private final NetlinkConnection connection =
            NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, Vocabulary.NONE);
    private final RouteNetlink route = new RouteNetlink(connection);
    private final NfTables nft = NfTables.open();
    private final MessageWriter w = new MessageWriter(1 << 20);
    private final Batch batch = new Batch(w);
    private final Table table = new Table(NftFamily.INET, "bench");
    private final NftSet set = NftSet.of(
            table,
            "s",
            KeyType.of(DataType.IPV6_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE),
            NftSet.TIMEOUT,
            "of the benchmark");
    private final List<Address> addresses = new ArrayList<>();
    private final List<SetElement> elements = new ArrayList<>();
    private final List<List<SetElement>> single = new ArrayList<>();
    private final int samples;
    private final int most;
    private final Process c;
    private final Writer toC;
    private final BufferedReader fromC;

    private Netlink(String program, int samples) throws Exception {
        this.samples = samples;
        most = Math.min(MANY, connection.sendLimit() / BYTES_PER_ELEMENT);
        c = new ProcessBuilder(program, Integer.toString(most))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        toC = c.outputWriter();
        fromC = new BufferedReader(new InputStreamReader(c.getInputStream()));
        int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
        for (int i = 0; i < MANY; i++) {
            addresses.add(new Address(address(0xc, i), 128, flags, 0, 1, 0, LIFETIME, 77));
            byte[] source = address(0, i).getAddress();
            byte[] door = address(0xd, i).getAddress();
            SetKey key = new SetKey().address(source).address(door).protocol(6).port(443);
            elements.add(SetElement.of(key.toBytes(), Duration.ofSeconds(LIFETIME)));
            single.add(List.of(elements.get(i)));
        }
    }

    private static InetAddress address(int net, int host) throws IOException {
        byte[] a = {0x20, 1, 0xd, (byte) 0xb8, (byte) net, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) (host >> 8), (byte) host};
        return Inet6Address.getByAddress(null, a, -1);
    }

    private List<Part> measure() throws Exception {
        nft.commit("set up", batch.add(table).add(set));
        List<Part> parts = new ArrayList<>(turns("noop", OFTEN, new Part("NLMSG_NOOP", 200, i -> noop())));
        parts.addAll(turns(
                "address",
                OFTEN,
                new Part("RTM_NEWADDR and RTM_DELADDR on lo", 10, i -> addressComesAndGoes())));
        parts.addAll(turns(
                "element",
                OFTEN,
                new Part("batch, 1 element added", 50, i -> change(true, single.get(i))),
                new Part("batch, 1 element deleted", 50, i -> change(false, single.get(i)))));
        parts.addAll(turns(
                "elements",
                1,
                new Part("batch, 10,000 elements added", 1, i -> changeAll(true)),
                new Part("batch, 10,000 elements deleted", 1, i -> changeAll(false))));
        for (Address a : addresses) {
            route.add(a);
        }
        parts.addAll(turns("read", 1, new Part("dump of 10,000 addresses, read", 1, i -> read())));
        parts.addAll(turns("dump", 1, new Part("the same, into records", 1, i -> dump())));
        return parts;
    }

    private void noop() throws IOException {
        w.reset().begin(NLMSG_NOOP, 0).end();
        connection.request(w);
    }

    private void addressComesAndGoes() throws IOException {
        route.add(addresses.get(0));
        route.delete(addresses.get(0));
    }

    private void change(boolean add, List<SetElement> some) throws IOException {
        batch.clear();
        nft.commit("change", add ? batch.add(set, some) : batch.delete(set, some));
    }

    private void changeAll(boolean add) throws IOException {
        for (int i = 0; i < MANY; i += most) {
            change(add, elements.subList(i, Math.min(i + most, MANY)));
        }
    }

    private void read() throws IOException {
        w.reset().begin(RTM_GETADDR, 0).zeros(IFADDRMSG).end();
        int[] count = {0};
        connection.dump(w, (type, b, offset, length) -> {
            count[0]++;
            return null;
        });
        enough(count[0]);
    }

    private void dump() throws IOException {
        enough(route.addresses().size());
    }

    private static void enough(int count) {
        if (count < MANY) {
            throw new IllegalStateException("only " + count + " addresses");
        }
    }

    /** C and Java in turns, each of them first every other time; before that, so much of both that is not counted. */
    private List<Part> turns(String test, int often, Part... parts) throws Exception {
        System.err.println(test);
        List<Part> all = List.of(parts);
        ofC(test, all, WARM_UP * often);
        ofJava(all, WARM_UP * often);
        all.forEach(Part::forget);
        for (int turn = 0; turn * TURN < samples; turn++) {
            if (turn % 2 == 0) {
                ofC(test, all, TURN * often);
                ofJava(all, TURN * often);
            } else {
                ofJava(all, TURN * often);
                ofC(test, all, TURN * often);
            }
        }
        return all;
    }

    private static void ofJava(List<Part> parts, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            for (Part p : parts) {
                p.java.add(p.sample());
            }
        }
    }

    private void ofC(String test, List<Part> parts, int count) throws IOException {
        toC.write(test + " " + count + "\n");
        toC.flush();
        String line = fromC.readLine();
        String[] figures = line == null ? new String[0] : line.strip().split(" ");
        if (figures.length != count * parts.size()) {
            throw new IOException("the C program gave up");
        }
        for (int i = 0; i < figures.length; i++) {
            parts.get(i % parts.size()).c.add(Double.valueOf(figures[i]));
        }
    }

    private static String machine() {
        return String.format(
                "%d cores, Linux %s, Java %s, %s",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"),
                Runtime.version(),
                LocalDate.now(ZoneOffset.UTC));
    }

    public static void main(String[] args) throws Exception {
        Netlink bench = new Netlink(args[0], Integer.parseInt(args[1]));
        List<Part> parts;
        try {
            parts = bench.measure();
        } finally {
            bench.c.destroy();
        }
        if (args[2].equals("json")) {
            String rows = parts.stream().map(p -> p.print(JSON)).collect(Collectors.joining(","));
            System.out.println("{\"machine\":\"" + machine() + "\",\"rows\":[" + rows + "]}");
            return;
        }
        System.out.printf(
                "%-36s %9s %9s %9s %9s %9s %9s %6s %10s%n",
                "µs", "C median", "p10", "p90", "Java med.", "p10", "p90", "ratio", "Java bytes");
        parts.forEach(p -> System.out.print(p.print(ROW)));
        System.out.println(machine());
    }
}
