package org.mayfly.knock.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;
import org.mayfly.knock.client.FakeServer.Received;

/** UDP, then TCP, and what a port does that a knock over TCP shares with something else. */
@Timeout(60)
class FallbackTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final String SOURCE = "2001:db8::7"; // not of this machine, which a knock alone does not mind
    private static final int MUCH = 300_000;

    @TempDir
    Path home;

    private User user(Enrolment e) throws Exception {
        return User.of(home.resolve("h"), e);
    }

    private static ServiceOffer service(int port) {
        return new ServiceOffer("svc", port, "tcp");
    }

    /** Datagrams vanish; the door opens for the knock that comes over TCP, and only then. */
    @Test
    void goesOverTcpWhereUdpIsLost() throws Exception {
        int port = freePort();
        CompletableFuture<ServerSocket> open = new CompletableFuture<>();
        try (FakeServer server = server(k -> open.complete(listen(port)));
                DatagramSocket deaf = new DatagramSocket(0, LOOPBACK)) {
            Enrolment e = server.enrolment(service(port));
            JsonObject o = user(FakeServer.at(e, deaf.getLocalPort(), e.tcpPort()))
                    .run("knock", "lab", "-4", "--wait", "20s", "--json")
                    .ok()
                    .json();
            assertEquals("tcp", o.get("carrier").getAsString());
            assertEquals("ipv4", o.get("family").getAsString());
            assertEquals("127.0.0.1:" + e.tcpPort(), o.get("server").getAsString());
            JsonArray tried = o.getAsJsonArray("tried");
            assertEquals(2, tried.size(), o::toString);
            assertEquals(
                    "{\"server\":\"127.0.0.1:" + deaf.getLocalPort()
                            + "\",\"carrier\":\"udp\",\"family\":\"ipv4\",\"result\":\"sent\"}",
                    tried.get(0).toString());
        } finally {
            open.join().close();
        }
    }

    @Test
    void connectDoesSo() throws Exception {
        int port = freePort();
        CompletableFuture<ServerSocket> open = new CompletableFuture<>();
        try (FakeServer server = server(k -> open.complete(listen(port)));
                DatagramSocket deaf = new DatagramSocket(0, LOOPBACK)) {
            FutureTask<Boolean> answer = background(() -> greet(open.join()));
            Enrolment e = server.enrolment(service(port));
            Run r = user(FakeServer.at(e, deaf.getLocalPort(), e.tcpPort()))
                    .run("connect", "lab", "-4")
                    .ok();
            assertEquals("!", r.out());
            assertTrue(answer.get());
        } finally {
            open.join().close();
        }
    }

    @Test
    void everyKnockIsOneOfItsOwnAndLaterThanTheOneBefore() throws Exception {
        try (FakeServer server = server(k -> {})) {
            user(server.enrolment(service(freePort())))
                    .run("knock", "lab", "-4", "--wait", "1s")
                    .failed(1);
            Received udp = server.next();
            Received tcp = server.next();
            assertEquals("udp tcp", udp.carrier() + " " + tcp.carrier());
            assertNotEquals(udp.packet(), tcp.packet());
            assertNotEquals(udp.candidates(), tcp.candidates());
            assertTrue(udp.request().timeNanos() < tcp.request().timeNanos());
            assertTrue(server.refused().isEmpty(), server.refused()::toString);
        }
    }

    @Test
    void oneCarrierAloneIfToldSo() throws Exception {
        try (FakeServer server = server(k -> {})) {
            for (String carrier : new String[] {"udp", "tcp"}) {
                String err = user(server.enrolment(service(freePort())))
                        .run("knock", "lab", "-4", "--" + carrier, "--wait", "1s")
                        .failed(1);
                assertEquals(carrier, server.next().carrier());
                assertEquals(0, server.waiting(), "once in a second");
                assertEquals(carrier.equals("udp"), err.contains("tried UDP "), err);
                assertEquals(carrier.equals("tcp"), err.contains("tried TCP "), err);
            }
        }
    }

    @Test
    void aProfileWithoutATcpPortIsKnockedAtByUdpAlone() throws Exception {
        try (FakeServer server = server(k -> {})) {
            Enrolment e = server.enrolment(service(freePort()));
            User u = user(FakeServer.at(e, e.port(), 0));
            String err = u.run("knock", "lab", "-4", "--wait", "1s").failed(1);
            assertTrue(err.contains("1 knock:") && !err.contains("TCP"), err);
            assertTrue(u.run("knock", "lab", "--tcp").failed(2).contains("no knocks over TCP"));
        }
    }

    /** While a connection for a knock comes about, or does not, doors are looked at as often as ever. */
    @Test
    void aConnectionThatNobodyAcceptsHoldsNothingUp() throws Exception {
        int port = freePort();
        CompletableFuture<ServerSocket> open = new CompletableFuture<>();
        try (Silent silent = new Silent();
                FakeServer server = server(
                        k -> open.completeAsync(() -> listen(port), CompletableFuture.delayedExecutor(1, SECONDS)))) {
            Enrolment e = server.enrolment(service(port));
            JsonObject o = user(FakeServer.at(e, e.port(), silent.port()))
                    .run("knock", "lab", "-4", "--wait", "20s", "--json")
                    .ok()
                    .json();
            assertTrue(o.get("waited_ms").getAsLong() < 3500, o::toString);
            assertTrue(o.toString().contains("\"tcp\",\"family\":\"ipv4\",\"result\":\"no answer\""), o::toString);
        } finally {
            open.join().close();
        }
    }

    /** The connection's first segment has the knock and nothing else, and its end is told in peace. */
    @Test
    void whatSharesThePortMaySayWhatItLikes() throws Exception {
        try (ServerSocket shared = new ServerSocket(0, 1, LOOPBACK)) {
            FutureTask<Integer> got = background(() -> {
                try (Socket s = shared.accept()) {
                    s.getOutputStream().write(new byte[1000]); // as one that greets first
                    byte[] first = new byte[1000];
                    int n = s.getInputStream().read(first);
                    s.getOutputStream().write(new byte[MUCH]); // more than any buffer of a socket that nobody reads
                    return s.getInputStream().read() < 0 ? n : -1; // throws if it was reset
                }
            });
            knockAt(shared).ok();
            assertEquals(Packet.LENGTH, got.get());
        }
    }

    /** The program ends soon, though what shares the port keeps the connection. */
    @Test
    @SuppressWarnings("try") // it is there, and nothing else
    void whatSharesThePortMayBeSilent() throws Exception {
        try (ServerSocket shared = new ServerSocket(0, 1, LOOPBACK)) {
            long start = System.nanoTime();
            knockAt(shared).ok();
            assertTrue(System.nanoTime() - start < 5_000_000_000L, "a second, and not for ever");
            try (Socket s = shared.accept()) {
                assertEquals(Packet.LENGTH, s.getInputStream().readAllBytes().length);
            }
        }
    }

    @Test
    void whatSharesThePortMayReset() throws Exception {
        try (ServerSocket shared = new ServerSocket(0, 1, LOOPBACK)) {
            FutureTask<Integer> got = background(() -> {
                try (Socket s = shared.accept()) {
                    int n = s.getInputStream().readNBytes(Packet.LENGTH).length;
                    s.setSoLinger(true, 0); // close() then resets
                    return n;
                }
            });
            Run r = knockAt(shared).ok();
            assertFalse(r.line().isEmpty());
            assertEquals(Packet.LENGTH, got.get());
        }
    }

    private Run knockAt(ServerSocket shared) throws Exception {
        try (FakeServer elsewhere = server(k -> {})) {
            Enrolment e = elsewhere.enrolment(service(22));
            return user(FakeServer.at(e, e.port(), shared.getLocalPort()))
                    .run("knock", "lab", "--tcp", "--source", SOURCE);
        }
    }

    private static FakeServer server(Consumer<Received> onKnock) throws Exception {
        return new FakeServer(FakeServer.PREFIX, onKnock);
    }

    private static boolean greet(ServerSocket service) throws IOException {
        try (Socket s = service.accept()) {
            s.getOutputStream().write('!');
            return true;
        }
    }

    private static <T> FutureTask<T> background(Callable<T> body) {
        FutureTask<T> task = new FutureTask<>(body);
        Thread t = new Thread(task, "their-end");
        t.setDaemon(true);
        t.start();
        return task;
    }

    private static ServerSocket listen(int port) {
        try {
            return new ServerSocket(port, 50, LOOPBACK);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0, 1, LOOPBACK)) {
            return s.getLocalPort();
        }
    }
}
