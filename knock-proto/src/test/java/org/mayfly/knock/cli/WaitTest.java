package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;

/** What {@code --wait} and {@code connect} see of a door, here with IPv4 permits on 127.0.0.1. */
@Timeout(60)
class WaitTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir
    Path home;

    private User user(FakeServer server, int port) throws Exception {
        return User.of(home.resolve("h"), server.enrolment(new ServiceOffer("svc", port, "tcp")));
    }

    @Test
    void anOpenDoorIsPrinted() throws Exception {
        try (FakeServer server = new FakeServer();
                ServerSocket service = new ServerSocket(0, 50, LOOPBACK)) {
            User u = user(server, service.getLocalPort());
            assertEquals(
                    "127.0.0.1",
                    u.run("knock", "lab", "-4", "--wait", "5s").ok().line());
            JsonObject o =
                    u.run("knock", "lab", "-4", "--wait", "5s", "--json").ok().json();
            assertTrue(o.get("reachable").getAsBoolean());
            assertTrue(o.get("waited_ms").getAsLong() < 5000);
        }
    }

    @Test
    void aClosedPortIsReportedAsRefused() throws Exception {
        try (FakeServer server = new FakeServer()) {
            User u = user(server, freePort());
            Run r = u.run("knock", "lab", "-4", "--wait", "1s");
            String err = r.failed(1);
            assertTrue(err.contains("refused") && err.contains("within 1s and 2 knocks:"), err);
            assertTrue(err.contains("check that the service itself runs"), err);
            assertEquals("", r.out());
        }
    }

    @Test
    void aServerThatIsDownIsReportedAsSuch() throws Exception {
        FakeServer server = new FakeServer();
        User u = user(server, freePort());
        server.close();
        String err = u.run("knock", "lab", "-4", "--wait", "1s").failed(1);
        assertTrue(err.contains("UDP 127.0.0.1:" + u.enrolment().port() + " (nothing listens there)"), err);
        assertTrue(err.contains("TCP 127.0.0.1:" + u.enrolment().tcpPort() + " (Connection refused)"), err);
        assertTrue(err.contains("is mayflyd running there?"), err);
    }

    @Test
    void aSilentPortIsReportedAsNoAnswerAndKnockedAtAgain() throws Exception {
        try (FakeServer server = new FakeServer();
                Silent silent = new Silent()) {
            User u = user(server, silent.port());
            Run r = u.run("knock", "lab", "-4", "--udp", "--wait", "3s", "--json");
            String err = r.failed(1);
            assertTrue(err.contains("no answer") && err.contains("within 3s and 2 knocks:"), err);
            assertTrue(err.contains("clocks"), err);
            assertFalse(r.json().get("reachable").getAsBoolean());
            assertTrue(r.json().get("waited_ms").getAsLong() >= 3000);
            assertNotEquals(server.next().packet(), server.next().packet());
        }
    }

    @Test
    void aServiceThatComesLateIsReached() throws Exception {
        int port = freePort();
        CompletableFuture<ServerSocket> late = new CompletableFuture<>();
        AtomicInteger knocks = new AtomicInteger();
        try (FakeServer server = new FakeServer(FakeServer.PREFIX, k -> {
            if (knocks.incrementAndGet() == 2) { // refused until it knocks a second time
                late.completeAsync(() -> listen(port));
            }
        })) {
            assertEquals(
                    "127.0.0.1",
                    user(server, port)
                            .run("knock", "lab", "-4", "--wait", "20s")
                            .ok()
                            .line());
            assertEquals(2, knocks.get());
            late.join().close();
        }
    }

    @Test
    void aDoorThatIsSilentAtFirstIsReached() throws Exception {
        try (Silent silent = new Silent()) {
            AtomicInteger knocks = new AtomicInteger();
            try (FakeServer server = new FakeServer(FakeServer.PREFIX, k -> {
                if (knocks.incrementAndGet() == 2) {
                    silent.answer();
                }
            })) {
                User u = user(server, silent.port());
                assertEquals(
                        "127.0.0.1",
                        u.run("knock", "lab", "-4", "--wait", "20s").ok().line());
            }
        }
    }

    @Test
    void connectPipesBothWays() throws Exception {
        try (FakeServer server = new FakeServer();
                ServerSocket service = new ServerSocket(0, 50, LOOPBACK)) {
            CompletableFuture<Integer> asked = CompletableFuture.supplyAsync(() -> echo(service));
            User u = user(server, service.getLocalPort());
            Run r = u.runWith("hello", "connect", "lab", String.valueOf(service.getLocalPort()), "-4")
                    .ok();
            assertEquals("hello", r.out());
            assertEquals(5, asked.join());
            assertEquals("svc", server.next().request().service());
        }
    }

    @Test
    void connectGivesUpInOneLine() throws Exception {
        try (FakeServer server = new FakeServer()) {
            Run r = user(server, freePort()).run("connect", "lab", "-4", "--wait", "2s");
            assertTrue(r.failed(1).contains("refused"), r.err());
            server.next();
            server.next(); // a second knock after one second
            assertEquals("", r.out());
        }
    }

    @Test
    void aTcpKnockThatNobodyAcceptsTakesNoLongerThanTheWait() throws Exception {
        try (FakeServer server = new FakeServer();
                Silent silent = new Silent()) {
            Enrolment e = server.enrolment(new ServiceOffer("svc", freePort(), "tcp"));
            Enrolment elsewhere = new Enrolment(
                    e.client(),
                    e.host(),
                    e.port(),
                    silent.port(),
                    e.services(),
                    e.clientSecret(),
                    e.server(),
                    e.doors());
            long start = System.nanoTime();
            User.of(home.resolve("h"), elsewhere)
                    .run("knock", "lab", "-4", "--tcp", "--wait", "1s")
                    .failed(1);
            assertTrue(System.nanoTime() - start < 4_000_000_000L, "5 s where nobody waits");
        }
    }

    private static int echo(ServerSocket service) {
        while (true) {
            try (Socket s = service.accept()) {
                byte[] all = s.getInputStream().readAllBytes();
                s.getOutputStream().write(all);
                if (all.length > 0) { // else it was an attempt beside the one that won
                    return all.length;
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static ServerSocket listen(int port) {
        try {
            return new ServerSocket(port, 50, LOOPBACK);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0, 1, LOOPBACK)) {
            return s.getLocalPort();
        }
    }
}
