package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.knock.Ip6Address;

/** Somebody opens connections and does not knock. Those who do get in all the same. */
final class TcpFloodIT {
    private static final int PORT = 62202;
    private static final int CONNECTIONS = 10_000;
    private static final int KNOCKS = 200;

    /** Many times what a knock takes, and less than it takes until a silent connection is late. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final String CONFIGURATION = """
            [listen]
            tcp = ["[::]:%d"]

            [quota]
            rate = 1000

            """.formatted(PORT) + Layout.ROUTED.ssh("1m", "1h");

    private static final InetSocketAddress LISTENER = new InetSocketAddress(Network.SERVER.toInetAddress(), PORT);

    /** Holds ten thousand connections open, and goes on opening others in the place of the oldest. */
    private static final class Crowd implements AutoCloseable {
        private final Deque<SocketChannel> held = new ArrayDeque<>();
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicReference<Exception> failure = new AtomicReference<>();
        private final Thread thread;

        /**
         * @param networks how many /64 they come from
         * @param drips whether each brings a byte now and then
         */
        Crowd(Network net, int networks, boolean drips) throws Exception {
            net.router.run("ip", "route", "replace", "2001:db8:bad::/48", "via", Network.CLIENT2.toString());
            List<Ip6Address> sources = new ArrayList<>();
            for (int i = 0; i < networks; i++) {
                Ip6Address source = Ip6Address.parse("2001:db8:bad:" + Integer.toHexString(i) + "::1");
                net.client2.run("ip", "address", "replace", source + "/128", "dev", "eth0", "nodad");
                sources.add(source);
            }
            thread = new Thread(() -> {
                try {
                    net.client2.call(() -> {
                        while (!over.get()) {
                            one(sources.get(opened.get() % networks), drips);
                        }
                        return over;
                    });
                } catch (Exception e) {
                    failure.set(e);
                }
            });
            thread.start();
        }

        private void one(Ip6Address source, boolean drips) throws IOException {
            SocketChannel c = SocketChannel.open();
            try {
                c.bind(new InetSocketAddress(source.toInetAddress(), 0));
                c.socket().connect(LISTENER, 1000);
                c.configureBlocking(false);
                held.add(c);
                opened.incrementAndGet();
            } catch (IOException e) {
                c.close(); // reset already, or there is no room: another one then
            }
            if (drips) {
                held.stream().skip(Math.max(0, held.size() - 60L)).forEach(Crowd::drip);
            }
            while (held.size() > CONNECTIONS) {
                held.remove().close();
            }
        }

        private static void drip(SocketChannel c) {
            try {
                c.write(ByteBuffer.allocate(1));
            } catch (IOException e) {
                // it had to make room
            }
        }

        void await(int count) throws Exception {
            Until.holds("they are open", Duration.ofMinutes(1), () -> failure.get() != null || opened.get() >= count);
            rethrow();
        }

        /** A test that went on without its flood has shown nothing. */
        private void rethrow() {
            Exception e = failure.get();
            if (e != null) {
                throw new IllegalStateException("the flood has ended by itself", e);
            }
        }

        @Override
        public void close() throws IOException {
            over.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            for (SocketChannel c : held) {
                c.close();
            }
            rethrow();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "100, false", "100, true"})
    void tenThousandConnectionsKeepNobodyOut(int networks, boolean drips, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            Knocker alice = agent.enrol("alice");
            try (Crowd crowd = new Crowd(net, networks, drips)) {
                crowd.await(CONNECTIONS);
                long before = agent.accepted();
                for (int i = 1; i <= KNOCKS; i++) {
                    knock(net, alice);
                    long expected = before + i;
                    Until.holds("knock " + i + " is accepted", SOON, () -> agent.accepted() == expected);
                }
                Ip6Address door = alice.open(agent, net.client, "ssh");
                assertEquals(Session.Met.IN, Session.attempt(net.client, door, 22), "and who knocks by UDP");
                long waiting = agent.metric("mayfly_tcp_waiting");
                assertTrue(waiting <= (networks == 1 ? 64 : 1024), () -> waiting + " are waiting");
                assertTrue(agent.metric("mayfly_tcp_evicted_total") > CONNECTIONS - 1024 - KNOCKS);
            }
            assertTrue(agent.log().lines().count() < 60, agent::log);
        }
    }

    private static void knock(Network net, Knocker knocker) throws Exception {
        byte[] packet = knocker.packet("ssh");
        net.client.call(() -> {
            try (Socket s = new Socket()) {
                s.connect(LISTENER, (int) SOON.toMillis());
                s.getOutputStream().write(packet);
            }
            return packet;
        });
    }

    /** The process may have no more descriptors than it has, and a few: those who wait make room, or it waits itself. */
    @Test
    void itDoesNotSpinWithoutDescriptors(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            Knocker alice = agent.enrol("alice");
            long before = agent.accepted();
            knock(net, alice); // whatever is opened for the first one
            Until.holds("it is accepted", SOON, () -> agent.accepted() == before + 1);
            limit(agent, descriptors(agent) + 20);
            try (Crowd crowd = new Crowd(net, 100, false)) {
                crowd.await(1000);
                for (int i = 0; i < 20; i++) {
                    knock(net, alice);
                }
            }
            Until.holds("they are accepted", Mayflyd.PATIENCE, () -> answers(agent) && agent.accepted() == before + 21);
            limit(agent, 0);
            try (Crowd crowd = new Crowd(net, 100, false)) {
                crowd.await(1100);
            }
            long used = ticks(agent);
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            Until.holds("time passes", Duration.ofSeconds(10), () -> System.nanoTime() > end);
            long more = ticks(agent) - used;
            assertTrue(more < 100, () -> "it worked for " + more + " ticks of 300");
            limit(agent, 10_000);
            Until.holds("it answers", Duration.ofSeconds(20), () -> answers(agent));
            assertTrue(agent.metric("mayfly_tcp_accept_failures_total") > 0);
            Ip6Address door = alice.open(agent, net.client, "ssh");
            assertEquals(Session.Met.IN, Session.attempt(net.client, door, 22));
            assertTrue(agent.log().lines().count() < 60, agent::log);
        }
    }

    private static boolean answers(Mayflyd agent) {
        try {
            agent.status();
            return true;
        } catch (AdminException e) {
            return false;
        }
    }

    private static void limit(Mayflyd agent, long descriptors) throws Exception {
        Command done =
                Command.run("prlimit", "--pid", Long.toString(agent.process().pid()), "--nofile=" + descriptors + ":");
        assertEquals(0, done.status(), done::toString);
    }

    private static long descriptors(Mayflyd agent) {
        String[] names =
                Path.of("/proc/" + agent.process().pid() + "/fd").toFile().list();
        return names == null ? 0 : names.length;
    }

    /** Processor time it has used, in ticks of 10 ms (proc(5), utime and stime). */
    private static long ticks(Mayflyd agent) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + agent.process().pid() + "/stat"));
        List<String> fields =
                Arrays.asList(stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ", -1));
        return Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12));
    }
}
