package org.mayfly.netlink.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.mayfly.netlink.sys.NetNamespace;

/**
 * Private network namespaces for a test, and the tools that judge what was done in them. Where the machine does not let
 * a test have one, the test is skipped and says so; with {@code -Dmayfly.kernel=required} it fails.
 */
public final class Lab implements AutoCloseable {
    private final List<Host> hosts = new ArrayList<>();

    /** A network namespace with its loopback up. */
    public static final class Host {
        private final NetNamespace namespace;

        private Host(NetNamespace namespace) {
            this.namespace = namespace;
        }

        /** Runs something in it; sockets opened there stay in it. */
        public <T> T call(Callable<T> work) throws Exception {
            return namespace.call(work);
        }

        /** Runs a tool in it and gives what it prints; a status other than 0 fails the test. */
        public String run(String... command) throws Exception {
            return call(() -> tool(command));
        }

        /**
         * Gives it an address and waits until it answers for it: the kernel makes the route of an IPv6 address a while
         * after the address.
         */
        public void address(String address, String dev) throws Exception {
            if (!address.contains(":")) {
                run("ip", "addr", "add", address, "dev", dev);
                return;
            }
            run("ip", "addr", "add", address, "dev", dev, "nodad");
            String bare = address.substring(0, address.indexOf('/'));
            long end = System.nanoTime() + 10_000_000_000L;
            while (!run("ip", "-6", "route", "show", "table", "local").contains("local " + bare + " ")) {
                Assertions.assertTrue(System.nanoTime() < end, address + " has no route after 10 s");
            }
        }

        public NetNamespace namespace() {
            return namespace;
        }
    }

    /** Makes a host that is connected to nothing. */
    public Host host() throws Exception {
        NetNamespace namespace;
        try {
            namespace = NetNamespace.create();
        } catch (IOException e) {
            String why = "no private network namespace here (" + e.getMessage() + "); run as root, or: unshare -Urn";
            if (System.getProperty("mayfly.kernel", "optional").equals("required")) {
                throw new AssertionError(why, e);
            }
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
            throw new AssertionError(e);
        }
        Host host = new Host(namespace);
        hosts.add(host);
        host.run("ip", "link", "set", "lo", "up");
        return host;
    }

    /**
     * Joins two hosts by a veth pair, each end named as said, up, and with a link-local address. What the kernel makes up
     * itself arrives a second later and is tentative at first, even with address detection off; this one can be used at
     * once, as can those of {@link Host#address}.
     */
    public void join(Host a, String nameAtA, Host b, String nameAtB) throws Exception {
        a.run("ip", "link", "add", nameAtA, "type", "veth", "peer", "name", nameAtB, "netns", tid(b));
        for (Host h : List.of(a, b)) {
            String name = h == a ? nameAtA : nameAtB;
            String settings = "net.ipv6.conf." + name;
            h.run("sysctl", "-qw", settings + ".accept_dad=0", settings + ".addr_gen_mode=1"); // 1: none
            h.run("ip", "link", "set", name, "up");
        }
        a.address("fe80::a/64", nameAtA);
        b.address("fe80::b/64", nameAtB);
    }

    private static String tid(Host h) {
        return Integer.toString(h.namespace.tid());
    }

    private static String tool(String... command) throws IOException, InterruptedException {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String out;
        try (InputStream in = p.getInputStream()) {
            out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Assertions.assertEquals(0, p.waitFor(), () -> String.join(" ", command) + ": " + out);
        return out;
    }

    @Override
    public void close() {
        hosts.forEach(h -> h.namespace.close());
    }
}
