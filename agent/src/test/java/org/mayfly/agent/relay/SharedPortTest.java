package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.RelayWorld.LENGTH;
import static org.mayfly.agent.relay.RelayWorld.assertEnd;
import static org.mayfly.agent.relay.RelayWorld.assertReset;
import static org.mayfly.agent.relay.RelayWorld.read;
import static org.mayfly.agent.relay.RelayWorld.send;
import static org.mayfly.agent.relay.RelayWorld.until;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.net.Transport;

/** The knock check is given the first bytes of a connection, and nobody can tell. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // the world is made by each test
final class SharedPortTest {
    private RelayWorld world;

    @AfterEach
    void close() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void whateverComesGoesOnAndItsBeginningIsLookedAt() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.share();
        for (int length : new int[] {1, LENGTH - 1, LENGTH, LENGTH + 1, 5000, 200_000}) {
            byte[] sent = random(length);
            Socket client = world.connect(port);
            send(client, sent);
            client.shutdownOutput();
            Socket backend = world.accept();
            assertArrayEquals(sent, read(backend, length));
            assertEnd(backend);
            send(backend, sent);
            backend.close();
            assertArrayEquals(sent, read(client, length));
            assertEnd(client);
            if (length >= LENGTH) {
                assertArrayEquals(Arrays.copyOf(sent, LENGTH), world.heard.next());
                assertEquals("1 on mayfly-loop", world.heard.nextBurst());
            }
            assertTrue(world.heard.nothing(), "of " + length + " bytes");
        }
    }

    @Test
    void aKnockMayComeByteByByte() throws Exception {
        world = new RelayWorld(100);
        Socket client = world.connect(world.share());
        Socket backend = world.accept();
        byte[] knock = random(LENGTH);
        for (byte one : knock) {
            assertTrue(world.heard.nothing());
            send(client, new byte[] {one});
            assertEquals(one, (byte) backend.getInputStream().read());
        }
        assertArrayEquals(knock, world.heard.next());
    }

    @Test
    void aKnockIsHeardWhileTheTargetIsDown() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.share();
        world.target.close();
        for (int i = 0; i < 4; i++) {
            Socket client = world.connect(port);
            if (i % 2 == 0) {
                until(() -> world.pipes.counts().open() == 1, "it has come in");
            }
            send(client, random(LENGTH));
            assertArrayEquals(random(LENGTH), world.heard.next());
            assertReset(client);
        }
        Socket silent = world.connect(port);
        assertReset(silent);
        assertEquals(5, world.pipes.counts().failed());
    }

    /** Or it would be seen from outside how much is looked at. */
    @Test
    void whenADeadTargetsClientIsResetDoesNotDependOnWhatItSent() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.share();
        world.target.close();
        for (int length : new int[] {0, 1, LENGTH - 1, LENGTH, LENGTH + 1, 50_000}) {
            long begin = System.nanoTime();
            Socket client = world.connect(port);
            send(client, random(length));
            if (length == 1) {
                client.shutdownOutput();
            }
            assertReset(client);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            assertTrue(millis >= DescriptorPipe.GRACE_MILLIS - 50, length + " bytes: after " + millis + " ms");
        }
    }

    @Test
    void aKnockIsHeardWhileTheTargetDoesNotAccept() throws Exception {
        world = new RelayWorld(100);
        try (ServerSocket full = new ServerSocket(0, 1, RelayWorld.literal("127.0.0.1"))) {
            SharedPort port = world.share(new Target("127.0.0.1", full.getLocalPort(), ProxyHeader.NONE, false));
            for (int i = 0; i < 5; i++) { // more than its backlog: the last ones are not connected
                Socket client = world.connect(port);
                byte[] knock = random(LENGTH);
                knock[0] = (byte) i;
                send(client, Arrays.copyOf(knock, 10));
                until(() -> world.pipes.counts().toTarget() % LENGTH == 10, "a part");
                send(client, Arrays.copyOfRange(knock, 10, LENGTH));
                assertArrayEquals(knock, world.heard.next());
            }
            for (int i = 0; i < 5; i++) {
                Socket backend = world.keep(full.accept());
                backend.setSoTimeout(30_000);
                assertArrayEquals(Arrays.copyOfRange(random(LENGTH), 1, LENGTH), rest(read(backend, LENGTH)));
            }
        }
    }

    @Test
    void aTargetThatDoesNotAnswerIsAReset() throws Exception {
        world = new RelayWorld(100, Duration.ofMillis(300));
        try (ServerSocket full = new ServerSocket(0, 1, RelayWorld.literal("127.0.0.1"))) {
            SharedPort port = world.share(new Target("127.0.0.1", full.getLocalPort(), ProxyHeader.NONE, false));
            for (int i = 0; i < 2; i++) {
                world.connect(port);
                int connected = i + 1;
                until(() -> world.pipes.counts().open() == connected, "it waits to be accepted");
            }
            for (int i = 0; i < 3; i++) {
                Socket client = world.connect(port);
                send(client, random(LENGTH));
                assertReset(client);
                world.heard.next();
            }
            assertEquals(3, world.pipes.counts().failed());
        }
    }

    private static byte[] rest(byte[] bytes) {
        return Arrays.copyOfRange(bytes, 1, bytes.length);
    }

    @Test
    void aKnockIsHeardAmongThoseThatNeverSay() throws Exception {
        world = new RelayWorld(500);
        SharedPort port = world.share();
        for (int i = 0; i < 2000; i++) {
            world.connect(port);
        }
        Socket client = world.connect(port);
        send(client, random(LENGTH));
        assertArrayEquals(random(LENGTH), world.heard.next());
        until(() -> world.pipes.counts().total() == 2001, "all have come in");
        assertEquals(500, world.pipes.counts().open());
        assertEquals(1501, world.pipes.counts().evicted());
    }

    /** Who floods from one network displaces himself, and neither others nor knocks. */
    @Test
    void aKnockIsHeardAmongThoseThatSayOneByte() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.keep(new SharedPort(
                world.transport, world.main, world.pipes, world.target(ProxyHeader.NONE), LENGTH, world.heard));
        port.bind(RelayWorld.at("::", 0));
        int number = port.addresses().get(0).getPort();
        Socket other = world.connect(RelayWorld.at("127.0.0.1", number));
        Socket backend = world.accept();
        send(other, random(1));
        read(backend, 1);
        for (int i = 0; i < 300; i++) {
            Socket flood = world.connect(RelayWorld.at("::1", number));
            send(flood, random(1));
            long heard = i + 2L;
            until(() -> world.pipes.counts().toTarget() == heard, "it has spoken");
        }
        for (String from : new String[] {"::1", "127.0.0.1"}) {
            send(world.connect(RelayWorld.at(from, number)), random(LENGTH));
            assertArrayEquals(random(LENGTH), world.heard.next(), from);
        }
        assertEquals(100, world.pipes.counts().open());
        assertEquals(203, world.pipes.counts().evicted());
        send(backend, random(10));
        assertArrayEquals(random(10), read(other, 10), "who was there before stays");
    }

    @Test
    void strangersTakeNoRoomFromTheAdmitted() throws Exception {
        world = new RelayWorld(5);
        SharedPort port = world.share();
        int number;
        try (ServerSocket any = new ServerSocket(0)) {
            number = any.getLocalPort();
        }
        RelayPort relay = world.keep(new RelayPort(
                world.transport,
                world.main,
                world.pipes,
                number,
                world.target(ProxyHeader.NONE),
                (s, d, p, n) -> true));
        relay.bind(false);
        Socket silent = world.connect(RelayWorld.at("::1", number));
        Socket backend = world.accept();
        for (int i = 0; i < 20; i++) {
            world.connect(port);
        }
        until(() -> world.pipes.counts().total() == 21, "all have come in");
        Socket another = world.connect(RelayWorld.at("::1", number));
        until(() -> world.pipes.counts().open() == 7, "it has come in");
        send(backend, random(10));
        assertArrayEquals(random(10), read(silent, 10));
        RelayWorld.assertQuiet(another);
        assertEquals(0, world.pipes.counts().refused());
    }

    @Test
    void theTargetIsToldOfTheClient() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.keep(new SharedPort(
                world.transport, world.main, world.pipes, world.target(ProxyHeader.V2), LENGTH, world.heard));
        port.bind(RelayWorld.at("::", 0));
        int number = port.addresses().get(0).getPort();
        for (String address : new String[] {"::1", "127.0.0.1"}) {
            Socket client = world.connect(RelayWorld.at(address, number));
            Socket backend = world.accept();
            int length = address.contains(":") ? 52 : 28;
            HAProxyMessage header = decoded(read(backend, length));
            assertEquals(HAProxyProtocolVersion.V2, header.protocolVersion());
            assertEquals(
                    length == 52 ? HAProxyProxiedProtocol.TCP6 : HAProxyProxiedProtocol.TCP4, header.proxiedProtocol());
            assertEquals(RelayWorld.literal(address), RelayWorld.literal(header.sourceAddress()));
            assertEquals(RelayWorld.literal(address), RelayWorld.literal(header.destinationAddress()));
            assertEquals(client.getLocalPort(), header.sourcePort());
            assertEquals(number, header.destinationPort());
            header.release();
            send(client, random(LENGTH));
            assertArrayEquals(random(LENGTH), read(backend, LENGTH));
            assertArrayEquals(random(LENGTH), world.heard.next(), "the header is not the client's");
        }
    }

    private static HAProxyMessage decoded(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new HAProxyMessageDecoder());
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        HAProxyMessage message = channel.readInbound();
        assertNotNull(message, "not a header");
        return message;
    }

    @Test
    void withoutTheNativeTransportThereIsNone() throws Exception {
        world = new RelayWorld(1);
        SharedPort port = new SharedPort(
                Transport.nio(), world.main, world.pipes, world.target(ProxyHeader.NONE), LENGTH, world.heard);
        IOException e = assertThrows(IOException.class, () -> port.bind(RelayWorld.at("::1", 0)));
        assertTrue(String.valueOf(e.getMessage()).contains("native transport is needed for knocks"), e::toString);
    }

    @Test
    void anotherTargetIsForNewConnections() throws Exception {
        world = new RelayWorld(100);
        SharedPort port = world.share();
        Socket before = world.connect(port);
        Socket backend = world.accept();
        try (ServerSocket other = new ServerSocket(0, 9, RelayWorld.literal("::1"))) {
            port.target(new Target("::1", other.getLocalPort(), ProxyHeader.NONE, false));
            Socket after = world.connect(port);
            send(after, random(10));
            assertArrayEquals(random(10), read(world.keep(other.accept()), 10));
            send(before, random(10));
            assertArrayEquals(random(10), read(backend, 10));
        }
    }
}
