package org.mayfly.knock.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;
import org.mayfly.knock.client.FakeServer.Received;

/**
 * The part of {@link DoorLabTest} that runs inside a private network namespace, where a whole prefix is local:
 *
 * <pre>
 *   lo: 127.0.0.1, ::1, 2001:db8:77:9::1 (ours)
 *   local 2001:db8:77:1::/64        every door is there; the service listens on [::]:2222
 *   local 2001:db8:77:2::/64        every door is there; nothing listens
 *   2001:db8:77:3::/64 behind a link to a neighbour that is not there: no answer (but ::99 is ours)
 *   unreachable 2001:db8:77:4::/64
 * </pre>
 *
 * Prints {@code passed} as its last line.
 */
final class DoorLab {
    static final String OURS = "2001:db8:77:9::1";
    static final int PORT = 2222;

    private final Path home;

    private DoorLab(Path home) {
        this.home = home;
    }

    public static void main(String[] args) throws Exception {
        DoorLab lab = new DoorLab(Path.of(args[0]));
        lab.opens();
        lab.pipes();
        lab.refused();
        lab.silent();
        lab.unreachable();
        lab.noRoute();
        lab.runsSsh();
        FollowLab.run(lab.home);
        FallbackLab.run(lab.home);
        System.out.println("passed");
    }

    private User user(FakeServer server, int port) throws Exception {
        return User.of(home, server.enrolment(new ServiceOffer("ssh", port, "tcp")));
    }

    private void opens() throws Exception {
        try (FakeServer server = new FakeServer();
                Service service = new Service()) {
            Run r = user(server, PORT).run("knock", "lab", "--wait", "5s").ok();
            Received k = server.next();
            check(k.candidates().get(0).toString().equals(r.line()), "the door is " + k + ", not " + r);
            check(k.request().source().toString().equals(OURS), "the kernel's source: " + k);
            check(service.next().equals("from " + OURS + " to " + r.line()), "the connection has the same source");
        }
    }

    private void pipes() throws Exception {
        try (FakeServer server = new FakeServer();
                Service service = new Service()) {
            Run r = user(server, PORT)
                    .runWith("over IPv6", "connect", "lab", "--source", "::1")
                    .ok();
            check(r.out().equals("over IPv6"), r.out());
            check(service.next().startsWith("from ::1 to "), "the connection has it, too");
            check(server.next().request().source().toString().equals("::1"), "the source that was asked for");
        }
    }

    private void refused() throws Exception {
        try (FakeServer server = new FakeServer("2001:db8:77:2::/64", k -> {})) {
            check(
                    user(server, PORT + 1)
                            .run("knock", "lab", "--wait", "1s")
                            .failed(1)
                            .contains("refused"),
                    "refused");
        }
    }

    private void silent() throws Exception {
        try (FakeServer server = new FakeServer("2001:db8:77:3::/64", k -> {})) {
            String err = user(server, PORT).run("knock", "lab", "--wait", "1s").failed(1);
            check(err.contains("no answer"), err);
        }
    }

    private void unreachable() throws Exception {
        try (FakeServer server = new FakeServer("2001:db8:77:4::/64", k -> {})) {
            User u = user(server, PORT);
            String err = u.run("knock", "lab", "--wait", "1s", "--source", OURS).failed(1);
            check(err.contains("unreachable"), err);
        }
    }

    private void noRoute() throws Exception {
        try (FakeServer server = new FakeServer("2001:db8:ffff:1::/64", k -> {})) {
            String err = user(server, PORT).run("knock", "lab").failed(1);
            check(err.contains("no route to 2001:db8:ffff:1:") && err.contains("use -4"), err);
            check(server.waiting() == 0, "nothing was sent");
        }
    }

    /** The ssh on the PATH of this process is a script that writes down its arguments. */
    private void runsSsh() throws Exception {
        try (FakeServer server = new FakeServer()) {
            Run r = user(server, PORT).run("ssh", "--tcp", "bob@lab", "-v", "--", "uptime");
            check(r.status() == 7, "the status of ssh, not " + r);
            check(server.waiting() == 0, "it is ssh that knocks, by its ProxyCommand");
        }
    }

    static void check(boolean good, String otherwise) {
        if (!good) {
            throw new AssertionError(otherwise);
        }
    }

    /** Echoes, and tells who came where. */
    static final class Service implements AutoCloseable {
        private final ServerSocket listener;
        private final BlockingQueue<String> came = new LinkedBlockingQueue<>();

        Service() throws IOException {
            listener = new ServerSocket();
            listener.bind(new InetSocketAddress("::", PORT));
            Thread t = new Thread(this::serve, "service");
            t.setDaemon(true);
            t.start();
        }

        private void serve() {
            while (true) {
                try (Socket s = listener.accept()) {
                    came.add("from " + Ip6Address.of(s.getInetAddress()) + " to " + Ip6Address.of(s.getLocalAddress()));
                    s.getInputStream().transferTo(s.getOutputStream());
                } catch (IOException e) {
                    if (listener.isClosed()) {
                        return;
                    }
                }
            }
        }

        String next() throws InterruptedException {
            return came.take();
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
