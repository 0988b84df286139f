package org.mayfly.packaging;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Lab.Host;

/**
 * A client, a stranger, a router and a server, each in a network namespace of its own. Every far end is eth0.
 *
 * <pre>
 *  client ─────────────┐
 *  2001:db8:1::2       │
 *  192.0.2.2           │
 *                    router ────────────── server
 *  client2 ────────────┘                   2001:db8:3::2     on its link: 2001:db8:3::/64
 *  2001:db8:2::2                           198.51.100.2
 *  192.0.2.130                             2001:db8:d::/64 is routed to 2001:db8:3::2
 * </pre>
 */
final class Network implements AutoCloseable {
    static final Ip6Address CLIENT = Ip6Address.parse("2001:db8:1::2");
    static final Ip6Address CLIENT2 = Ip6Address.parse("2001:db8:2::2");
    static final Ip6Address SERVER = Ip6Address.parse("2001:db8:3::2");
    static final Ip6Address CLIENT_IPV4 = Ip6Address.parse("192.0.2.2");
    static final Ip6Address CLIENT2_IPV4 = Ip6Address.parse("192.0.2.130");
    static final Ip6Address SERVER_IPV4 = Ip6Address.parse("198.51.100.2");

    private final Lab lab = new Lab();
    private final List<Echo> services = new ArrayList<>();
    final Host client;
    final Host client2;
    final Host router;
    final Host server;

    /**
     * Skips or fails the test where the machine gives no namespaces.
     *
     * @param ports on which the server echoes
     */
    Network(int... ports) throws Exception {
        try {
            client = lab.host();
            client2 = lab.host();
            router = lab.host();
            server = lab.host();
            cable(client, "to-client", "2001:db8:1::", "192.0.2.2/25", "192.0.2.1/25");
            cable(client2, "to-client2", "2001:db8:2::", "192.0.2.130/25", "192.0.2.129/25");
            cable(server, "to-server", "2001:db8:3::", "198.51.100.2/24", "198.51.100.1/24");
            router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1");
            router.run("ip", "route", "add", "2001:db8:d::/64", "via", SERVER.toString());
            for (int port : ports) {
                services.add(new Echo(server, port));
            }
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    private void cable(Host host, String name, String prefix, String ipv4, String routerIpv4) throws Exception {
        lab.join(host, "eth0", router, name);
        router.address(prefix + "1/64", name);
        router.run("ip", "address", "add", routerIpv4, "dev", name);
        host.address(prefix + "2/64", "eth0");
        host.run("ip", "address", "add", ipv4, "dev", "eth0");
        host.run("ip", "route", "add", "default", "via", prefix + "1");
        host.run("ip", "route", "add", "default", "via", routerIpv4.substring(0, routerIpv4.indexOf('/')));
    }

    /** What the administrator of the server has to put back where its interface was emptied, was down, or is new. */
    void putBackServer() throws Exception {
        server.run("ip", "link", "set", "eth0", "up");
        server.address("fe80::a/64", "eth0");
        server.address(SERVER + "/64", "eth0");
        server.run("ip", "-6", "route", "replace", "default", "via", "2001:db8:3::1");
    }

    /**
     * Gives the server's link another prefix; that of before is deprecated.
     *
     * @return the new one
     */
    Ip6Prefix renumber() throws Exception {
        router.address("2001:db8:33::1/64", "to-server");
        server.address("2001:db8:33::2/64", "eth0");
        server.run("ip", "-6", "address", "change", SERVER + "/64", "dev", "eth0", "preferred_lft", "0");
        return Ip6Prefix.parse("2001:db8:33::/64");
    }

    /** Pulls the server's cable and plugs another one in; nothing is on its interface then, nor is a door's prefix routed. */
    void newCable() throws Exception {
        server.run("ip", "link", "del", "eth0");
        lab.join(server, "eth0", router, "to-server");
        router.address("2001:db8:3::1/64", "to-server");
        server.run("ip", "-6", "address", "flush", "dev", "eth0");
        putBackServer();
        router.run("ip", "route", "add", "2001:db8:d::/64", "via", SERVER.toString());
    }

    /** Addresses of anybody, from which the stranger then sends: no router on the way looks at a source. */
    List<InetAddress> spoofed(int count) throws Exception {
        return client2.call(() -> {
            List<InetAddress> all = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                String address = "2001:db8:" + (i % 2 == 0 ? "1" : "bad") + "::" + Integer.toHexString(0x100 + i);
                Command.run("ip", "address", "add", address + "/128", "dev", "eth0", "nodad");
                all.add(Ip6Address.parse(address).toInetAddress());
            }
            return all;
        });
    }

    @Override
    public void close() {
        services.forEach(Echo::close);
        lab.close();
    }
}
