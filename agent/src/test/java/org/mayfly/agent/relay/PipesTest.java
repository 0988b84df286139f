package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.RelayWorld.assertEnd;
import static org.mayfly.agent.relay.RelayWorld.assertQuiet;
import static org.mayfly.agent.relay.RelayWorld.assertReset;
import static org.mayfly.agent.relay.RelayWorld.read;
import static org.mayfly.agent.relay.RelayWorld.reset;
import static org.mayfly.agent.relay.RelayWorld.send;
import static org.mayfly.agent.relay.RelayWorld.until;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client and a target notice of a pipe between them: nothing, it is hoped. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // the world is made by each test
final class PipesTest {
    private static final int MANY = 1000;
    private static final int MIB = 1 << 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RelayWorld world;
    private SharedPort port;
    private Socket client;
    private Socket backend;

    private void join() throws IOException {
        world = new RelayWorld(MANY);
        port = world.share();
        client = world.connect(port);
        backend = world.accept();
    }

    @AfterEach
    void close() throws Exception {
        threads.shutdownNow();
        if (world != null) {
            world.close();
        }
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void muchGoesBothWaysAtOnceUnchanged() throws Exception {
        join();
        int size = 48 * MIB;
        List<Future<byte[]>> sums = List.of(
                threads.submit(sending(client, size, 1)), threads.submit(receiving(backend, true)),
                threads.submit(sending(backend, size, 2)), threads.submit(receiving(client, false)));
        assertArrayEquals(sums.get(0).get(), sums.get(1).get(), "client to target");
        assertArrayEquals(sums.get(2).get(), sums.get(3).get(), "target to client");
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
        assertEquals(new PipeCounts(0, 1, 0, 0, 0, size, size), world.pipes.counts());
    }

    /** Random bytes, in pieces of random length, and then the end of this half. */
    private static Callable<byte[]> sending(Socket socket, int size, long seed) {
        return () -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Random random = new Random(seed);
            OutputStream out = socket.getOutputStream();
            for (int left = size; left > 0; ) {
                byte[] piece = new byte[Math.min(left, 1 + random.nextInt(300_000))];
                random.nextBytes(piece);
                digest.update(piece);
                out.write(piece);
                left -= piece.length;
            }
            socket.shutdownOutput();
            return digest.digest();
        };
    }

    /** @param slowly in small reads with a rest now and then, so that all the buffers on the way fill */
    private static Callable<byte[]> receiving(Socket socket, boolean slowly) {
        return () -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[slowly ? 20_000 : 200_000];
            InputStream in = socket.getInputStream();
            int reads = 0;
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                digest.update(piece, 0, n);
                if (slowly && ++reads % 500 == 0) {
                    Thread.sleep(20);
                }
            }
            return digest.digest();
        };
    }

    @Test
    void whoDoesNotReadIsNotReadFor() throws Exception {
        join();
        Future<byte[]> sent = threads.submit(sending(client, 256 * MIB, 3));
        long before = -1;
        for (long now = 0; now != before; now = world.pipes.counts().toTarget()) {
            before = now;
            Thread.sleep(300); // until it stands still
        }
        assertTrue(before < 100 * MIB, "bytes are kept without bound: " + before);
        assertArrayEquals(threads.submit(receiving(backend, false)).get(), sent.get());
    }

    @Test
    void oneHalfEndsAndTheOtherGoesOn() throws Exception {
        join();
        send(client, random(1000, 4));
        client.shutdownOutput();
        assertArrayEquals(random(1000, 4), read(backend, 1000));
        assertEnd(backend);
        send(backend, random(500_000, 5));
        assertArrayEquals(random(500_000, 5), read(client, 500_000));
        backend.shutdownOutput();
        assertEnd(client);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
    }

    @Test
    void theTargetsHalfEndsFirst() throws Exception {
        join();
        send(backend, random(1000, 6));
        backend.shutdownOutput();
        assertArrayEquals(random(1000, 6), read(client, 1000));
        assertEnd(client);
        for (int i = 0; i < 20; i++) {
            send(client, random(50_000, i));
            assertArrayEquals(random(50_000, i), read(backend, 50_000));
        }
        client.shutdownOutput();
        assertEnd(backend);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
    }

    @Test
    void aResetIsAReset() throws Exception {
        join();
        send(client, random(10, 1));
        read(backend, 10);
        reset(client);
        assertReset(backend);
        client = world.connect(port);
        backend = world.accept();
        send(backend, random(10, 1));
        read(client, 10);
        reset(backend);
        assertReset(client);
        until(() -> world.pipes.counts().open() == 0, "the pipes are over");
    }

    @Test
    void whatWasSentBeforeAResetArrives() throws Exception {
        join();
        for (int i = 0; i < 50; i++) {
            byte[] last = random(5000, i);
            send(client, last);
            until(() -> available(backend) >= last.length, "it has arrived");
            reset(client);
            assertArrayEquals(last, read(backend, last.length));
            assertReset(backend);
            client = world.connect(port);
            backend = world.accept();
        }
    }

    private static int available(Socket socket) {
        try {
            return socket.getInputStream().available();
        } catch (IOException e) {
            return Integer.MAX_VALUE;
        }
    }

    @Test
    void aResetIsNoticedWhileTheTargetDoesNotRead() throws Exception {
        join();
        Future<byte[]> sent = threads.submit(sending(client, 256 * MIB, 3));
        until(() -> world.pipes.counts().toTarget() > MIB, "much is on the way");
        Thread.sleep(300); // all buffers are full
        reset(client);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
        assertReset(backend);
        assertThrows(ExecutionException.class, sent::get, "it was not sent whole");
    }

    /** Recv(2) tells an end for ever once it has told one, so this is seen by epoll alone. */
    @Test
    void aResetAfterAnEndIsNoticed() throws Exception {
        join();
        send(client, random(100, 1));
        client.shutdownOutput();
        read(backend, 100);
        assertEnd(backend);
        reset(client);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
        client = world.connect(port);
        backend = world.accept();
        backend.shutdownOutput();
        assertEnd(client);
        reset(backend);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
    }

    @Test
    void aByteAtATime() throws Exception {
        join();
        for (int i = 0; i < 300; i++) {
            send(client, new byte[] {(byte) i});
            assertEquals(i & 255, backend.getInputStream().read());
            send(backend, new byte[] {(byte) (i + 7)});
            assertEquals(i + 7 & 255, client.getInputStream().read());
        }
    }

    @Test
    void theTargetMaySpeakFirst() throws Exception {
        join();
        assertQuiet(client);
        send(backend, random(40, 1));
        assertArrayEquals(random(40, 1), read(client, 40));
        assertQuiet(backend);
    }

    @Test
    void aTargetThatIsDownIsAReset() throws Exception {
        world = new RelayWorld(MANY);
        port = world.share();
        world.target.close();
        world.assertTurnedAway(port);
        until(() -> world.pipes.counts().open() == 0, "the pipe is over");
        assertEquals(1, world.pipes.counts().failed());
    }

    @Test
    void theOldestThatNeverSpokeMakesRoom() throws Exception {
        world = new RelayWorld(3);
        port = world.share();
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(world.connect(port));
            backend = world.accept();
            if (i == 0) {
                send(clients.get(0), random(1, 1));
                read(backend, 1);
            }
        }
        Socket fourth = world.connect(port);
        assertReset(clients.get(1));
        assertQuiet(clients.get(0));
        assertQuiet(clients.get(2));
        for (Socket one : List.of(clients.get(2), fourth)) {
            send(one, random(1, 1));
        }
        until(() -> world.pipes.counts().toTarget() == 3, "all have spoken");
        Socket fifth = world.connect(port);
        assertReset(clients.get(0)); // the oldest of the network that has the most
        assertQuiet(fourth);
        assertQuiet(fifth);
        PipeCounts counts = world.pipes.counts();
        assertEquals(
                List.of(3, 5L, 2L, 0L), List.of(counts.open(), counts.total(), counts.evicted(), counts.refused()));
        world.pipes.limit(4);
        assertQuiet(world.connect(port));
    }

    @Test
    void aNameIsLookedUpAndTheInsideRefused() throws Exception {
        world = new RelayWorld(MANY);
        int number = world.target.getLocalPort();
        world.assertTurnedAway(world.share(new Target("localhost", number, ProxyHeader.NONE, false)));
        assertEquals(1, world.pipes.counts().failed());
        client = world.connect(world.share(new Target("localhost", number, ProxyHeader.NONE, true)));
        send(client, random(10, 1));
        assertArrayEquals(random(10, 1), read(world.accept(), 10));
        world.assertTurnedAway(world.share(new Target("no.such.name.invalid", number, ProxyHeader.NONE, true)));
    }

    @Test
    void theEndResetsWhatIsOpen() throws Exception {
        join();
        world.pipes.close();
        assertReset(client);
        assertReset(backend);
    }
}
