package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.testing.Lab;

/**
 * A server with a gated service, and a client.
 *
 * <pre>
 *  client (cli0)                              (srv0) server
 *    2001:db8:1::c, ::d     2001:db8:1::/64     2001:db8:1::5     services on 4022 (gated) and 4080
 *    2001:db8:1::1:c
 *    192.0.2.3, .4            192.0.2.0/24      192.0.2.1
 *                 2001:db8:2::/64 is routed there, and has 2001:db8:2::5
 * </pre>
 */
final class TwoHosts implements AutoCloseable {
    static final int GATED = 4022;
    static final int OPEN = 4080;
    static final int KNOCKS = 62201;

    static final Ip6Address CLIENT = Ip6Address.parse("2001:db8:1::c");
    static final Ip6Address OTHER_CLIENT = Ip6Address.parse("2001:db8:1::d");
    static final Ip6Address CLIENT4 = Ip6Address.parse("192.0.2.3");
    static final Ip6Address OTHER_CLIENT4 = Ip6Address.parse("192.0.2.4");
    static final Ip6Address SERVER = Ip6Address.parse("2001:db8:1::5");
    static final Ip6Address SERVER4 = Ip6Address.parse("192.0.2.1");
    static final Ip6Address ROUTED_SERVER = Ip6Address.parse("2001:db8:2::5");
    static final Ip6Address DOOR = Ip6Address.parse("2001:db8:1::aaaa:bbbb:cccc:dddd");
    static final Ip6Address OTHER_DOOR = Ip6Address.parse("2001:db8:1::aaaa:bbbb:cccc:eeee");
    static final Ip6Address ROUTED_DOOR = Ip6Address.parse("2001:db8:2::aaaa:bbbb:cccc:dddd");

    private static final int CONNECT_MILLIS = 2000;
    private static final int SILENT_MILLIS = 300;

    private final Lab lab = new Lab();
    private final List<Closeable> open = new ArrayList<>();
    final Lab.Host client;
    final Lab.Host server;

    TwoHosts() throws Exception {
        client = lab.host();
        server = lab.host();
        lab.join(client, "cli0", server, "srv0");
        client.address("2001:db8:1::c/64", "cli0");
        client.address("2001:db8:1::d/64", "cli0");
        client.run("ip", "addr", "add", "192.0.2.3/24", "dev", "cli0");
        client.run("ip", "addr", "add", "192.0.2.4/24", "dev", "cli0");
        server.address("2001:db8:1::5/64", "srv0");
        server.address("2001:db8:2::5/128", "srv0");
        server.run("ip", "addr", "add", "192.0.2.1/24", "dev", "srv0");
        client.run("ip", "-6", "route", "add", "2001:db8:2::/64", "via", "2001:db8:1::5");
        serve(GATED);
        serve(OPEN);
    }

    /** The service: an echo, on all addresses of both families. */
    private void serve(int port) throws Exception {
        ServerSocket listener = server.call(() -> new ServerSocket(port));
        open.add(listener);
        Thread t = new Thread(() -> accept(listener), "service " + port);
        t.setDaemon(true);
        t.start();
    }

    private void accept(ServerSocket listener) {
        try {
            while (true) {
                Socket s = listener.accept();
                Thread t = new Thread(() -> echo(s), "session");
                t.setDaemon(true);
                t.start();
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    private static void echo(Socket s) {
        try (s) {
            s.getInputStream().transferTo(s.getOutputStream());
        } catch (IOException e) {
            // cut, or the test is over
        }
    }

    NetlinkKernel kernel() throws Exception {
        NetlinkKernel kernel = server.call(() -> NetlinkKernel.open("mayfly", false));
        open.add(kernel::close);
        return kernel;
    }

    /** Connects from an address of the client. */
    Socket connect(Ip6Address from, Ip6Address to, int port) throws Exception {
        return connect(from, to, port, CONNECT_MILLIS);
    }

    private Socket connect(Ip6Address from, Ip6Address to, int port, int millis) throws Exception {
        return client.call(() -> {
            Socket s = new Socket();
            try {
                s.bind(new InetSocketAddress(inet(from), 0));
                s.connect(new InetSocketAddress(inet(to), port), millis);
            } catch (IOException e) {
                s.close();
                throw e;
            }
            s.setSoTimeout(CONNECT_MILLIS);
            open.add(s);
            return s;
        });
    }

    private static InetAddress inet(Ip6Address a) {
        return a.toInetAddress();
    }

    /** Nothing at all comes back: no connection, and no refusal either. */
    boolean silent(Ip6Address from, Ip6Address to, int port) throws Exception {
        return silent(from, to, port, SILENT_MILLIS);
    }

    boolean silent(Ip6Address from, Ip6Address to, int port, int millis) throws Exception {
        try {
            connect(from, to, port, millis).close();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        }
    }

    /** One byte there and back. */
    static boolean alive(Socket s) {
        try {
            s.getOutputStream().write(42);
            return s.getInputStream().read() == 42;
        } catch (IOException e) {
            return false;
        }
    }

    static Guard guard(DoorMode mode) {
        String prefix = mode == DoorMode.ADDRESS ? "2001:db8:1::/64" : "2001:db8:2::/64";
        DoorSpace space = new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED);
        return new Guard(
                List.of(new DoorPrefix(mode, space, "srv0")),
                List.of(new GatedPort(Protocol.TCP, GATED, Ipv4Access.PERMIT)),
                KnockPort.heard(List.of(new KnockPort(Ip6Address.UNSPECIFIED, KNOCKS))));
    }

    /** Has all of it in the kernel: the table, the addresses and the routes. */
    static void stand(KernelPort kernel, Guard guard, Standing standing) throws KernelException {
        assertTrue(kernel.install(guard, standing));
        kernel.align(standing.doors());
    }

    static Permit permit(Ip6Address source, Ip6Address door) {
        return new Permit(source, 128, door, Protocol.TCP, GATED);
    }

    @Override
    public void close() throws IOException {
        for (Closeable c : open) {
            c.close();
        }
        lab.close();
    }
}
