package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.UdpRelayWorld.at;
import static org.mayfly.agent.relay.UdpRelayWorld.until;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.relay.UdpTargetDaemon.Got;
import org.mayfly.netlink.diag.DiagSocket;
import org.mayfly.netlink.diag.SocketDiag;
import org.mayfly.netlink.testing.Lab;

/** How flows of a UDP relay begin and end. */
@Timeout(120)
final class UdpFlowLifeTest {
    private static final String DOOR = "::1";

    @Test
    void whoIsNotLetInGetsNothing() throws Throwable {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            w.letsIn = false;
            DatagramSocket client = w.client("::1");
            client.connect(UdpRelayWorld.inet(DOOR), w.port); // so that it would hear of an ICMP error
            w.daemon.hearsNothing(() -> {
                for (int i = 0; i < 500; i++) {
                    client.send(new DatagramPacket(new byte[1], 1));
                }
                until("all are dropped", () -> relay.counts().dropped() == 500);
            });
            client.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> UdpRelayWorld.bytes(client));
            assertTrue(w.asked.size() < 10, () -> "the agent is not asked for each: " + w.asked.size());
            assertEquals(0, relay.counts().open());

            w.letsIn = true;
            client.disconnect();
            client.setSoTimeout(5000);
            w.later.addAndGet(1_000_000_000L);
            w.roundTrip(client, DOOR, (byte) 2);
        }
    }

    @Test
    void theOneThatWasUsedLeastLatelyMakesRoom() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay(w.target(), new UdpLimits(10, 3), true);
            DatagramSocket a = w.client("::1");
            DatagramSocket b = w.client("::1");
            DatagramSocket c = w.client("::1");
            DatagramSocket elsewhere = w.client("127.0.0.1");
            int ofOthers = w.roundTrip(elsewhere, "127.0.0.1", (byte) 1).from();
            int ofA = w.roundTrip(a, DOOR, (byte) 1).from();
            int ofB = w.roundTrip(b, DOOR, (byte) 1).from();
            w.roundTrip(c, DOOR, (byte) 1);
            w.later.addAndGet(1_000_000_000L);
            w.roundTrip(a, DOOR, (byte) 2);
            w.roundTrip(w.client("::1"), DOOR, (byte) 1);
            assertEquals(1, relay.counts().evicted());
            assertEquals(4, relay.counts().open());
            assertEquals(ofA, w.roundTrip(a, DOOR, (byte) 3).from());
            assertEquals(ofOthers, w.roundTrip(elsewhere, "127.0.0.1", (byte) 2).from(), "another network's stays");
            assertNotEquals(ofB, w.roundTrip(b, DOOR, (byte) 2).from());
            assertEquals(2, relay.counts().evicted());
        }
    }

    @Test
    void aFlowThatNobodyUsesEnds() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket idle = w.client("::1");
            DatagramSocket busy = w.client("::1");
            w.roundTrip(idle, DOOR, (byte) 1);
            int port = w.roundTrip(busy, DOOR, (byte) 1).from();
            w.later.addAndGet(UdpRelayWorld.IDLE.toNanos() - 10_000_000_000L);
            assertEquals(port, w.roundTrip(busy, DOOR, (byte) 2).from());
            w.later.addAndGet(11_000_000_000L);
            until("one has ended", () -> relay.counts().open() == 1);
            assertEquals(1, relay.counts().expired());
            assertEquals(port, w.roundTrip(busy, DOOR, (byte) 3).from());
            w.roundTrip(idle, DOOR, (byte) 2); // and is asked about again
            assertEquals(2 * 3, w.asked.size(), "each twice");
            relay.idle(Duration.ofSeconds(1));
            w.later.addAndGet(2_000_000_000L);
            until("all have ended", () -> relay.counts().open() == 0);
        }
    }

    @Test
    void aTargetThatIsNotThereYet() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            int port = w.daemon.port();
            UdpRelayPort relay = w.relay();
            w.daemon.close();
            DatagramSocket client = w.client("::1");
            for (int i = 0; i < 3; i++) {
                w.send(client, DOOR, (byte) i);
                long sent = 1L + i;
                until("it is sent, and refused", () -> relay.counts().toTarget() == sent);
            }
            try (UdpTargetDaemon back = new UdpTargetDaemon("127.0.0.1", port)) {
                w.send(client, DOOR, (byte) 7);
                assertEquals(7, back.next().first(), "the error before is not taken for its");
                assertArrayEquals(new byte[] {7}, w.receive(client, DOOR));
            }
            assertEquals(1, relay.counts().total(), "it was one flow all the time");
            assertEquals(0, relay.counts().failed());
        }
    }

    /** A client that is gone is told of by ICMP; that is no reason to end anything. */
    @Test
    void aClientThatIsGone() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            int port = client.getLocalPort();
            w.send(client, DOOR, (byte) 1);
            client.close();
            w.daemon.next();
            until("the answer is sent", () -> relay.counts().toClient() == 1);
            try (DatagramSocket again = new DatagramSocket(at("::1", port))) {
                again.setSoTimeout(5000);
                w.roundTrip(again, DOOR, (byte) 2);
            }
            assertEquals(1, relay.counts().total());
        }
    }

    @Test
    void aFlowWhoseSocketIsDestroyedEndsAndNoOtherDoes() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (UdpRelayWorld w = host.call(() -> new UdpRelayWorld());
                    SocketDiag diag = host.call(SocketDiag::open)) {
                UdpRelayPort relay = host.call(w::relay);
                DatagramSocket one = host.call(() -> w.client("::1"));
                DatagramSocket two = host.call(() -> w.client("::1"));
                DatagramSocket three = host.call(() -> w.client("::1"));
                int ofOne = w.roundTrip(one, DOOR, (byte) 1).from();
                int ofTwo = w.roundTrip(two, DOOR, (byte) 1).from();

                CountDownLatch loop = UdpRelayWorld.hold(w.pipes);
                List<DiagSocket> sessions = sessions(diag, w.port);
                assertEquals(2, sessions.size(), "the connected ones: " + sessions);
                destroy(diag, sessions, one.getLocalPort());
                w.send(three, DOOR, (byte) 1); // to the socket that was destroyed: it is bound to the door still
                loop.countDown();

                assertArrayEquals(new byte[] {1}, w.receive(three, DOOR));
                w.daemon.next();
                assertEquals(1, relay.counts().cut());
                assertEquals(2, relay.counts().open());
                assertEquals(ofTwo, w.roundTrip(two, DOOR, (byte) 2).from());
                assertNotEquals(ofOne, w.roundTrip(one, DOOR, (byte) 2).from(), "it is another flow");
                assertEquals(
                        1,
                        sessions(diag, w.port).stream()
                                .filter(s -> s.remotePort() == one.getLocalPort())
                                .count());
            }
        }
    }

    private static List<DiagSocket> sessions(SocketDiag diag, int port) throws IOException {
        return diag.sockets(DiagSocket.AF_INET6, 17, SocketDiag.CONNECTED, port);
    }

    private static void destroy(SocketDiag diag, List<DiagSocket> sessions, int remotePort) throws IOException {
        for (DiagSocket s : sessions) {
            if (s.remotePort() == remotePort) {
                diag.destroy(s);
            }
        }
    }

    /** Even if it is in the middle of an answer. */
    @Test
    void aFlowThatIsDestroyedWhileItIsUsed() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (UdpRelayWorld w = host.call(() -> new UdpRelayWorld());
                    SocketDiag diag = host.call(SocketDiag::open)) {
                UdpRelayPort relay = host.call(w::relay);
                DatagramSocket one = host.call(() -> w.client("::1"));
                w.roundTrip(one, DOOR, (byte) 1);
                CountDownLatch loop = UdpRelayWorld.hold(w.pipes);
                for (int i = 0; i < 50; i++) {
                    w.send(one, DOOR, (byte) i);
                }
                destroy(diag, sessions(diag, w.port), one.getLocalPort());
                w.letsIn = false;
                loop.countDown();
                until(
                        "it has ended",
                        () -> relay.counts().open() == 0 && relay.counts().cut() == 1);
                assertEquals(List.of(), sessions(diag, w.port));
                assertEquals(0, relay.counts().failed());
            }
        }
    }

    @Test
    void whereNoPortIsLeftTheOldestGo() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (UdpRelayWorld w = host.call(() -> new UdpRelayWorld())) {
                UdpRelayPort relay = host.call(w::relay);
                List<DatagramSocket> clients = new ArrayList<>();
                for (int i = 0; i < 15; i++) {
                    clients.add(host.call(() -> w.client("::1")));
                }
                host.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40009");
                for (DatagramSocket client : clients) {
                    w.roundTrip(client, DOOR, (byte) 1);
                }
                assertEquals(10, relay.counts().open());
                assertEquals(5, relay.counts().evicted());
                assertEquals(0, relay.counts().failed());
            }
        }
    }

    @Test
    void anotherTargetIsForThoseThatBeginThen() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld();
                UdpTargetDaemon other = new UdpTargetDaemon("127.0.0.1", 0)) {
            UdpRelayPort relay = w.relay();
            DatagramSocket before = w.client("::1");
            w.roundTrip(before, DOOR, (byte) 1);
            relay.target(new Target("127.0.0.1", other.port(), ProxyHeader.NONE, false));
            DatagramSocket after = w.client("::1");
            w.send(after, DOOR, (byte) 2);
            assertEquals(2, other.next().first());
            w.roundTrip(before, DOOR, (byte) 3);
        }
    }

    @Test
    void nothingIsLeftWhenItIsClosed() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            Got got = w.roundTrip(client, DOOR, (byte) 1);
            CountDownLatch agent = UdpRelayWorld.hold(w.main);
            w.send(w.client("::1"), DOOR, (byte) 1);
            until("it is asked about", () -> relay.counts().open() == 2);
            relay.close();
            agent.countDown();
            assertEquals(0, relay.counts().open());
            w.main.next().submit(() -> {}).sync();
            w.onPipes(() -> 0); // the answer has come, and nobody is there
            new DatagramSocket(at("::1", w.port)).close();
            new DatagramSocket(at("127.0.0.1", got.from())).close();
            assertEquals(0, relay.counts().open());
        }
    }
}
