package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.UdpRelayWorld.at;
import static org.mayfly.agent.relay.UdpRelayWorld.until;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.relay.UdpRelayWorld.Asked;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab;

/** Real sockets: clients, the relay, and a daemon that knows of IPv4 only. */
@Timeout(120)
final class UdpRelayPortTest {
    private static final String DOOR = "::1";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void anAnswerComesFromTheDoorThatWasAsked() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.run("ip", "-6", "route", "add", "local", "2001:db8:5::/64", "dev", "lo");
            try (UdpRelayWorld w = host.call(() -> new UdpRelayWorld())) {
                UdpRelayPort relay = host.call(w::relay);
                DatagramSocket client = host.call(() -> w.client("::1"));
                w.roundTrip(client, "2001:db8:5::d00", (byte) 1);
                w.roundTrip(client, "2001:db8:5::d01", (byte) 2);
                w.roundTrip(client, "2001:db8:5::d00", (byte) 3);
                assertEquals(2, relay.counts().open(), "a door is one flow and another is another");
                Ip6Address source = Ip6Address.parse("::1");
                Asked one = new Asked(source, Ip6Address.parse("2001:db8:5::d00"));
                Asked other = new Asked(source, Ip6Address.parse("2001:db8:5::d01"));
                assertEquals(List.of(one, one, other, other), w.asked, "before it has sockets, and when it has");
            }
        }
    }

    @Test
    void ofIpv4AsWell() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            w.relay(w.target(), UdpLimits.of(10), true);
            w.roundTrip(w.client("127.0.0.3"), "127.0.0.2", (byte) 1);
            w.roundTrip(w.client("::1"), DOOR, (byte) 1);
            assertEquals(new Asked(Ip6Address.parse("127.0.0.3"), Ip6Address.UNSPECIFIED), w.asked.get(0));
        }
    }

    @Test
    void ofIpv6OnlyUnlessToldOtherwise() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld();
                DatagramSocket other = new DatagramSocket(at("127.0.0.1", w.port))) {
            w.relay();
            other.setSoTimeout(5000);
            w.send(w.client("127.0.0.3"), "127.0.0.1", (byte) 1);
            assertArrayEquals(new byte[] {1}, UdpRelayWorld.bytes(other), "IPv4 is left to others");
        }
    }

    @Test
    void twoClientsAreTwoToTheTarget() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket one = w.client("::1");
            DatagramSocket two = w.client("::1");
            int a = w.roundTrip(one, DOOR, (byte) 1).from();
            int b = w.roundTrip(two, DOOR, (byte) 2).from();
            assertNotEquals(a, b);
            assertEquals(a, w.roundTrip(one, DOOR, (byte) 3).from(), "it stays the same");
            assertEquals(b, w.roundTrip(two, DOOR, (byte) 4).from());
            UdpCounts c = relay.counts();
            assertEquals(List.of(2L, 4L, 4L), List.of(c.total(), c.toTarget(), c.toTargetBytes()));
            until("answers are counted", () -> relay.counts().toClientBytes() == 4);
            assertEquals(0, c.dropped());
        }
    }

    /** As a client of mosh does: the daemon sees another port, and answers to that one. */
    @Test
    void aClientThatComesFromAnotherPortIsAnotherFlow() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            Set<Integer> ports = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                DatagramSocket now = w.client("::1");
                ports.add(w.roundTrip(now, DOOR, (byte) i).from());
                now.close();
            }
            assertEquals(5, ports.size());
            assertEquals(5, relay.counts().open());
        }
    }

    @Test
    void datagramsOfAllLengths() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            w.relay();
            DatagramSocket client = w.client("::1");
            for (int length : new int[] {0, 1, 32, 148, 1420, 1452, 1500, 8972, 65_507}) {
                byte[] bytes = new byte[length];
                new Random(length).nextBytes(bytes);
                assertEquals(length, w.roundTrip(client, DOOR, bytes).length());
            }
        }
    }

    /** What comes while the agent is asked waits, and what comes then comes after it. */
    @Test
    void nothingIsLostOrOvertakenWhileAFlowOpens() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            CountDownLatch agent = UdpRelayWorld.hold(w.main);
            int sent = 0;
            for (; sent < UdpFlow.HELD / 4; sent++) {
                w.send(client, DOOR, (byte) sent);
            }
            until("it is asked about", () -> relay.counts().open() == 1);
            for (; sent < UdpFlow.HELD / 2; sent++) {
                w.send(client, DOOR, (byte) sent);
            }
            CountDownLatch loop = UdpRelayWorld.hold(w.pipes);
            agent.countDown();
            w.main.next().submit(() -> {}).sync(); // it has answered
            for (; sent < UdpFlow.HELD * 3 / 4; sent++) {
                w.send(client, DOOR, (byte) sent); // they wait at the listening socket, as there is no other yet
            }
            loop.countDown();
            for (; sent < UdpFlow.HELD; sent++) {
                w.send(client, DOOR, (byte) sent);
            }
            for (int i = 0; i < sent; i++) {
                assertEquals((byte) i, w.daemon.next().first());
                assertArrayEquals(new byte[] {(byte) i}, w.receive(client, DOOR));
            }
            assertEquals(1, relay.counts().total());
            assertEquals(0, relay.counts().dropped());
        }
    }

    @Test
    void whatCannotBeHeldIsLostAndCounted() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            CountDownLatch agent = UdpRelayWorld.hold(w.main);
            for (int i = 0; i < UdpFlow.HELD + 10; i++) {
                w.send(client, DOOR, (byte) i);
            }
            until("ten find no room", () -> relay.counts().dropped() == 10);
            agent.countDown();
            for (int i = 0; i < UdpFlow.HELD; i++) {
                assertEquals((byte) i, w.daemon.next().first());
            }
            w.roundTrip(w.client("::1"), DOOR, (byte) 1);
        }
    }

    @Test
    void aThousandFlows() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay(w.target(), new UdpLimits(1000, 1000), false);
            List<DatagramSocket> clients = new ArrayList<>();
            Set<Integer> ports = new HashSet<>();
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 1000; i++) {
                    if (round == 0) {
                        clients.add(w.client("::1"));
                    }
                    byte[] bytes = ByteBuffer.allocate(4).putInt(i).array();
                    ports.add(w.roundTrip(clients.get(i), DOOR, bytes).from());
                }
            }
            assertEquals(1000, ports.size());
            assertEquals(1000, relay.counts().open());
            assertEquals(1000, relay.counts().total());
        }
    }

    @Test
    void aNameIsLookedUpAndWhatItStandsForIsLookedAt() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld("::")) {
            UdpRelayPort relay =
                    w.relay(new Target("localhost", w.daemon.port(), ProxyHeader.NONE, false), UdpLimits.of(9), false);
            DatagramSocket client = w.client("::1");
            w.send(client, DOOR, (byte) 1);
            until("it is refused", () -> relay.counts().failed() == 1);
            assertEquals(0, relay.counts().open());
            relay.target(new Target("localhost", w.daemon.port(), ProxyHeader.NONE, true));
            w.roundTrip(client, DOOR, (byte) 2);
            w.roundTrip(w.client("::1"), DOOR, (byte) 3);
        }
    }

    @Test
    void aPortThatIsTakenIsToldInALine() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld();
                DatagramSocket taken = new DatagramSocket(at("127.0.0.1", w.port))) {
            IOException e = assertThrows(IOException.class, () -> w.relay(w.target(), UdpLimits.of(9), true));
            assertEquals(
                    "cannot listen on UDP 0.0.0.0:" + taken.getLocalPort() + " for the relay to " + w.target()
                            + ": bind: EADDRINUSE; what has it? see: ss -lunp",
                    e.getMessage());
            new DatagramSocket(at("::1", w.port)).close(); // nothing of it is left
        }
    }

    @Test
    void withoutTheNativeTransportThereIsNone() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld();
                UdpRelayPort relay = new UdpRelayPort(
                        Transport.nio(),
                        w.main,
                        w.pipes,
                        w.port,
                        w.target(),
                        UdpRelayPort.IDLE,
                        UdpLimits.of(9),
                        (source, door, protocol, port) -> true)) {
            IOException e = assertThrows(IOException.class, () -> relay.bind(false));
            assertTrue(e.toString().contains("epoll"), e::toString);
        }
    }

    /** By the JVM's own account of the thread; what the loop is given to find out costs a few hundred bytes. */
    @Test
    void whatGoesThroughAllocatesNothing() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            byte[] bytes = new byte[1420];
            w.roundTrip(client, DOOR, bytes);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = w.onPipes(THREADS::getCurrentThreadAllocatedBytes);
                for (int i = 0; i < 500; i++) {
                    w.roundTrip(client, DOOR, bytes);
                }
                least = Math.min(least, w.onPipes(THREADS::getCurrentThreadAllocatedBytes) - before);
            }
            long bytesAllocated = least;
            assertTrue(bytesAllocated <= 1024, () -> bytesAllocated + " bytes for 1,000 datagrams");
            assertEquals(1, relay.counts().total());
        }
    }

    /** A client that sends as fast as it is answered, with many under way, gets all of it, in order. */
    @Test
    void aWindowOfDatagramsGoesThroughInOrder() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay();
            DatagramSocket client = w.client("::1");
            int window = 40;
            int all = 20_000;
            for (int sent = 0, back = 0; back < all; ) {
                if (sent < all && sent - back < window) {
                    w.send(
                            client,
                            DOOR,
                            ByteBuffer.allocate(1420).putInt(sent++).array());
                } else {
                    assertEquals(
                            back++, ByteBuffer.wrap(w.receive(client, DOOR)).getInt());
                }
            }
            BooleanSupplier counted = () -> relay.counts().toClient() == all;
            until("all are counted", counted);
            assertEquals(all, relay.counts().toTarget());
            assertEquals(1420L * all, relay.counts().toTargetBytes());
        }
    }
}
