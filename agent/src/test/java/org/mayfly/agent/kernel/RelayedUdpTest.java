package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT4;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_DOOR;
import static org.mayfly.agent.kernel.TwoHosts.SERVER4;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.relay.UdpLimits;
import org.mayfly.agent.relay.UdpRelayPort;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab;

/** The flows of a relayed UDP service are sessions to the kernel: counted, held on to, and cut. */
class RelayedUdpTest {
    private static final int PORT = 4053;
    private static final Ip6Address LOOPBACK = Ip6Address.parse("127.0.0.1");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private TwoHosts net;
    private NetlinkKernel kernel;
    private byte asked;
    private MultiThreadIoEventLoopGroup loops;
    private UdpRelayPort relay;
    private final List<DatagramSocket> sockets = new ArrayList<>();

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        kernel = net.kernel();
        loops = Transport.epoll().loop();
        DatagramSocket daemon = socket(net.server, new InetSocketAddress(LOOPBACK.toInetAddress(), 0));
        Thread echo = new Thread(() -> echo(daemon), "echo");
        echo.setDaemon(true);
        echo.start();
        Target target = new Target("127.0.0.1", daemon.getLocalPort(), ProxyHeader.NONE, false);
        relay = net.server.call(() -> {
            loops.next().submit(() -> {}).sync(); // its thread is made here, in the server's namespace
            UdpRelayPort port = new UdpRelayPort(
                    Transport.epoll(),
                    loops,
                    loops,
                    PORT,
                    target,
                    UdpRelayPort.IDLE,
                    UdpLimits.of(100),
                    (source, door, protocol, to) -> true);
            port.bind(true);
            return port;
        });
    }

    @AfterEach
    void tearDown() throws Exception {
        if (net == null) { // the test was skipped
            return;
        }
        relay.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        sockets.forEach(DatagramSocket::close);
        net.close();
    }

    private DatagramSocket socket(Lab.Host host, InetSocketAddress at) throws Exception {
        DatagramSocket s = host.call(() -> new DatagramSocket(at));
        s.setSoTimeout(2000);
        sockets.add(s);
        return s;
    }

    private static void echo(DatagramSocket daemon) {
        DatagramPacket p = new DatagramPacket(new byte[2000], 2000);
        while (!daemon.isClosed()) {
            try {
                p.setLength(2000);
                daemon.receive(p);
                daemon.send(p);
            } catch (SocketTimeoutException e) {
                // nobody asks
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }

    private static Guard udp(DoorMode mode) {
        return new Guard(guard(mode).doors(), List.of(new GatedPort(Protocol.UDP, PORT, Ipv4Access.PERMIT)));
    }

    private static Permit permit(Ip6Address source, Ip6Address door) {
        return new Permit(source, 128, door, Protocol.UDP, PORT);
    }

    private DatagramSocket client(Ip6Address from) throws Exception {
        return socket(net.client, new InetSocketAddress(from.toInetAddress(), 0));
    }

    /** What is sent while the door is not up may wait at the client for its neighbour, and be answered later. */
    private void ask(DatagramSocket client, Ip6Address door) throws Exception {
        byte[] question = {++asked};
        client.send(new DatagramPacket(question, 1, door.toInetAddress(), PORT));
        DatagramPacket answer = new DatagramPacket(new byte[1], 1);
        do {
            client.receive(answer);
        } while (answer.getData()[0] != question[0]);
        assertEquals(new InetSocketAddress(door.toInetAddress(), PORT), answer.getSocketAddress());
    }

    private void getsNothing(DatagramSocket client, Ip6Address door) throws Exception {
        client.setSoTimeout(300);
        assertThrows(SocketTimeoutException.class, () -> ask(client, door));
        client.setSoTimeout(2000);
    }

    @ParameterizedTest
    @EnumSource
    void throughADoor(DoorMode mode) throws Exception {
        isASession(mode, mode == DoorMode.ADDRESS ? DOOR : ROUTED_DOOR, CLIENT, true);
    }

    @Test
    void overIpv4() throws Exception {
        isASession(DoorMode.ADDRESS, SERVER4, CLIENT4, false);
    }

    private void isASession(DoorMode mode, Ip6Address to, Ip6Address from, boolean door) throws Exception {
        stand(kernel, udp(mode), Standing.NOTHING);
        Permit permit = permit(from, door ? to : Ip6Address.UNSPECIFIED);
        DatagramSocket client = client(from);
        getsNothing(client, to);
        kernel.open(permit, MINUTE);
        if (door) {
            awaitReady(to);
        }
        assertEquals(Map.of(), kernel.sessions(List.of(permit)));
        ask(client, to);
        assertEquals(Map.of(permit, 1), kernel.sessions(List.of(permit)));
        DatagramSocket second = client(from);
        ask(second, to);
        assertEquals(Map.of(permit, 2), kernel.sessions(List.of(permit)), "from another port");

        kernel.close(permit);
        ask(client, to);
        getsNothing(client(from), to);
        assertEquals(Map.of(permit, 2), kernel.sessions(List.of(permit)), "sessions go on");

        assertEquals(2, kernel.cut(permit, MINUTE));
        getsNothing(client, to);
        assertEquals(Map.of(), kernel.sessions(List.of(permit)));
        awaitCut(2);
        assertEquals(0, relay.counts().open());
    }

    @Test
    void thoseOfNobodyAreCut() throws Exception {
        stand(kernel, udp(DoorMode.ANYIP), Standing.NOTHING);
        Permit known = permit(CLIENT, ROUTED_DOOR);
        kernel.open(known, MINUTE);
        kernel.open(permit(OTHER_CLIENT, ROUTED_DOOR), MINUTE);
        DatagramSocket client = client(CLIENT);
        ask(client, ROUTED_DOOR);
        ask(client(OTHER_CLIENT), ROUTED_DOOR);
        assertEquals(1, kernel.cutOthers(door -> List.of(known)));
        awaitCut(1);
        assertEquals(1, relay.counts().open());
        ask(client, ROUTED_DOOR);
    }

    private void awaitReady(Ip6Address door) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!kernel.isReady(door)) {
            Assertions.assertTrue(System.nanoTime() < end, "the door is not up after 5 s");
        }
    }

    private void awaitCut(long flows) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (relay.counts().cut() < flows) {
            Assertions.assertTrue(System.nanoTime() < end, () -> relay.counts().toString());
            Thread.onSpinWait();
        }
    }
}
