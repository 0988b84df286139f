package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoopGroup;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.config.GateChoice;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Packet;

/** What the agent says of itself, with real sockets. */
final class AnswersTest {
    private static final int JUNK = 7;

    @TempDir
    Path state;

    private final EventLoopGroup group = Transport.best().loop();

    @Test
    void whatTheKernelDroppedAtTheSocketsIsCounted() throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (TestAgent w = new TestAgent(group, state, new Quota(10, 10, Quota.Full.REFUSE));
                Listeners listeners = new Listeners(Transport.best(), group, Packet.LENGTH, w.loop);
                DatagramSocket socket = new DatagramSocket(0, loopback);
                JunkGate gate = new JunkGate(
                        GateChoice.USER, w.server.gate(), List.of(new InetSocketAddress(loopback, 1)), w.clock)) {
            Relays relays = new Relays(
                    Transport.best(),
                    group,
                    listeners,
                    List.of(),
                    w.loop,
                    (source, door, protocol, port) -> false,
                    ipv4 -> false);
            Answers answers = new Answers(w.agent, w.kernel, w.clock, listeners, gate, relays);
            InetSocketAddress to = new InetSocketAddress(loopback, TestAgent.freePort(loopback));
            listeners.udp(to);
            gate.sockets(listeners.udpDescriptors());
            assertEquals(0L, w.loop.await(answers::metrics).get("mayfly_udp_dropped_total"));
            for (int i = 0; i < JUNK; i++) {
                socket.send(new DatagramPacket(new byte[10], 10, to));
            }
            Map<String, Number> metrics = w.loop.await(answers::metrics);
            assertEquals((long) JUNK, metrics.get("mayfly_udp_dropped_total"), metrics::toString);
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
