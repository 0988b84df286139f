package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.relay.RelayWorld.until;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that end in every way two sides can think of, in any order: of none anything is left. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // the world is made by the test
final class EndingsTest {
    private static final int CONNECTIONS = 1000;
    private static final int MOST_AT_A_TIME = 400_000;

    /** Both ends of the kernel's pipes that are kept. */
    private static final int KEPT = 64;

    private RelayWorld world;

    @AfterEach
    void close() {
        if (world != null) {
            world.close();
        }
    }

    @Test
    void nothingIsLeftOfConnectionsHoweverTheyEnd() throws Exception {
        world = new RelayWorld(CONNECTIONS);
        SharedPort port = world.share();
        long sockets = descriptors("socket:");
        long pipes = descriptors("pipe:");
        for (int seed = 0; seed < CONNECTIONS; seed++) {
            Random random = new Random(seed);
            Socket client = world.connect(port);
            Socket backend = world.accept();
            boolean clientLast = random.nextBoolean();
            try (Socket last = clientLast ? client : backend;
                    Socket first = clientLast ? backend : client) {
                for (int i = random.nextInt(8); i > 0; i--) {
                    act(random.nextBoolean() ? first : last, random);
                }
                if (random.nextInt(3) == 0) {
                    RelayWorld.reset(random.nextBoolean() ? first : last);
                }
            }
        }
        until(() -> world.pipes.counts().open() == 0, "all have ended: " + world.pipes.counts());
        until(() -> descriptors("socket:") <= sockets, "their descriptors are closed");
        assertTrue(descriptors("pipe:") <= pipes + KEPT, "and those of the kernel's pipes");
        assertEquals(CONNECTIONS, world.pipes.counts().total());
    }

    /** Never more than the buffers on the way have room for, as nobody else reads. */
    private static void act(Socket one, Random random) {
        try {
            switch (random.nextInt(4)) {
                case 0 -> one.getOutputStream().write(new byte[1 + random.nextInt(MOST_AT_A_TIME)]);
                case 1 -> one.getOutputStream().write(random.nextInt());
                case 2 -> one.getInputStream().readNBytes(one.getInputStream().available());
                default -> one.shutdownOutput();
            }
        } catch (IOException e) {
            // it, or the other one, has ended that
        }
    }

    private static long descriptors(String kind) {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> leadsTo(fd).startsWith(kind)).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String leadsTo(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return ""; // closed by now
        }
    }
}
