package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mayfly.agent.relay.UdpRelayWorld.until;

import io.netty.channel.IoEventLoop;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.knock.Ip6Address;

/** Who is asked about, and what that costs the others. */
@Timeout(120)
final class UdpAdmissionTest {
    private static final String DOOR = "::1";

    /** Its name is looked up after the agent has let it in, and when it is known there was a revocation. */
    @Test
    void whoIsRevokedBeforeThereIsASocketGetsNothing() throws Throwable {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay =
                    w.relay(new Target("localhost", w.daemon.port(), ProxyHeader.NONE, true), UdpLimits.of(9), true);
            DatagramSocket client = w.client("127.0.0.1");
            CountDownLatch agent = UdpRelayWorld.hold(w.main);
            w.send(client, "127.0.0.1", (byte) 1);
            until("it is asked about", () -> relay.counts().open() == 1);
            CountDownLatch loop = UdpRelayWorld.hold(w.pipes);
            agent.countDown();
            assertEquals(1, w.main.next().submit(w.asked::size).get(), "and let in");
            w.letsIn = false;
            w.daemon.hearsNothing(() -> {
                loop.countDown();
                until("it has ended", () -> relay.counts().open() == 0);
            });
            assertEquals(1, relay.counts().refused());
            assertEquals(0, relay.counts().failed());
        }
    }

    @Test
    void whoIsNotLetInYetMakesNobodyGo() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld()) {
            UdpRelayPort relay = w.relay(w.target(), new UdpLimits(3, 3), false);
            List<DatagramSocket> friends = new ArrayList<>();
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                friends.add(w.client("::1"));
                ports.add(w.roundTrip(friends.get(i), DOOR, (byte) i).from());
            }
            CountDownLatch agent = UdpRelayWorld.hold(w.main);
            for (int i = 0; i < 20; i++) {
                w.send(w.client("::1"), DOOR, (byte) 9);
            }
            until("they are asked about", () -> relay.counts().open() == 23);
            w.letsIn = false;
            agent.countDown();
            until("they are gone", () -> relay.counts().open() == 3);
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        ports.get(i),
                        w.roundTrip(friends.get(i), DOOR, (byte) i).from());
            }
            assertEquals(0, relay.counts().evicted());
        }
    }

    /** Its descriptors may be somebody else's by then. */
    @Test
    void aFlowThatIsOverHasNoNumbers() throws Exception {
        try (UdpRelayWorld w = new UdpRelayWorld();
                DatagramSocket client = w.client("::1")) {
            Ip6Address one = Ip6Address.parse("::1");
            UdpFlow flow = new UdpFlow(new UdpKey(one, client.getLocalPort(), 0, one), 0);
            w.onPipes(() -> {
                IoEventLoop loop = w.pipes.next();
                UdpRelay owner = new UdpRelay(
                        loop,
                        w.port,
                        new UdpTarget(w.target(), loop, new Lookup(), () -> 0),
                        1,
                        UdpLimits.of(1),
                        (keys, answer) -> {},
                        () -> 0);
                flow.make(loop, w.port, UdpRelayWorld.at("127.0.0.1", w.daemon.port()), owner);
                flow.end();
                return 0;
            });
            assertEquals(-1, flow.clientNumber());
            assertEquals(-1, flow.targetNumber());
        }
    }
}
