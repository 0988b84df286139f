package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.PacketSink;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Packet;

/** Ports that a reload opens, closes, and has lead elsewhere, with real sockets. */
final class RelaysTest {
    private static final int PATIENCE = 10_000;

    @TempDir
    private Path temp;

    private final Transport transport = Transport.best();
    private final EventLoopGroup group = transport.loop();
    private final BlockingQueue<byte[]> knocks = new LinkedBlockingQueue<>();
    private final Listeners listeners = new Listeners(transport, group, Packet.LENGTH, new Heard());
    private final Backend one = new Backend('1');
    private final Backend two = new Backend('2');
    private final int knockPort = freePort();
    private final int port = freePort();
    private final int other = freePort();
    private final Relays relays = relays();

    RelaysTest() throws IOException {}

    /** What is handed on as a knock. */
    private final class Heard implements PacketSink {
        @Override
        public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
            knocks.add(Arrays.copyOfRange(block, offset, offset + length));
        }

        @Override
        public void burstOver() {}
    }

    /** Sends one letter to who comes, and waits for the end. */
    private static final class Backend implements AutoCloseable {
        private final ServerSocket listener;

        Backend(char letter) throws IOException {
            listener = new ServerSocket(0, 50, address("127.0.0.1"));
            Thread t = new Thread(() -> serve(letter), "backend");
            t.setDaemon(true);
            t.start();
        }

        private void serve(char letter) {
            try {
                while (true) {
                    Socket s = listener.accept();
                    s.getOutputStream().write(letter); // it stays open: who came closes it
                }
            } catch (IOException e) {
                // closed
            }
        }

        String target() {
            return "127.0.0.1:" + listener.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket s = new ServerSocket(0)) {
            return s.getLocalPort();
        }
    }

    private static InetAddress address(String text) {
        return Ip6Address.parse(text).toInetAddress();
    }

    private static Socket connect(String host, int port) throws IOException {
        return new Socket(address(host), port);
    }

    private Relays relays() throws IOException {
        return new Relays(
                transport,
                group,
                listeners,
                List.of(new InetSocketAddress(address("::"), knockPort)),
                new Heard(),
                (source, door, protocol, p) -> true,
                ipv4 -> false);
    }

    @BeforeEach
    void start() throws Exception {
        use(config(""));
    }

    @AfterEach
    void stop() throws Exception {
        relays.close();
        listeners.close();
        one.close();
        two.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private Configuration config(String toml) throws IOException, ConfigurationException {
        return Configuration.read(Files.writeString(temp.resolve("mayflyd.toml"), toml));
    }

    private String git(String name, int at, Backend to) {
        return "[service." + name + "]\nport = " + at + "\nrelay = '" + to.target() + "'\n";
    }

    private String share(Backend to) {
        return "[listen]\ntcp = ['[::]:" + knockPort + "']\nshare = '" + to.target() + "'\n";
    }

    private void use(Configuration next) throws IOException {
        relays.open(next).done();
    }

    /** The first byte that comes by itself. */
    private static int greeting(String host, int port) throws IOException {
        try (Socket s = connect(host, port)) {
            s.setSoTimeout(PATIENCE);
            return s.getInputStream().read();
        }
    }

    private static void assertClosed(String host, int port) {
        assertThrows(ConnectException.class, () -> greeting(host, port));
    }

    @Test
    void openWhatIsWantedAndCloseWhatIsNot() throws Exception {
        assertEquals(0, relays.counts().total());
        Configuration git = config(git("git", port, one));
        assertEquals(1, relays.opening(git).size());
        use(git);
        assertEquals(List.of(), relays.opening(git));
        try (Socket before = connect("::1", port)) {
            before.setSoTimeout(PATIENCE);
            assertEquals('1', before.getInputStream().read());
            assertClosed("127.0.0.1", port);
            use(config(git("git", port, two)));
            assertEquals('2', greeting("::1", port));
            use(config(git("other", port, one)));
            assertEquals('1', greeting("::1", port));
            use(config(""));
            assertClosed("::1", port);
            assertEquals(3, relays.counts().total());
            before.setSoTimeout(100);
            assertThrows(
                    SocketTimeoutException.class, () -> before.getInputStream().read());
        }
    }

    @Test
    void aPortThatSomebodyElseHasLeavesAllAsItWas() throws Exception {
        use(config(git("git", port, one)));
        try (ServerSocket taken = new ServerSocket(other)) {
            Configuration next = config(share(two) + git("scm", port, two) + git("other", other, two));
            IOException e = assertThrows(IOException.class, () -> relays.open(next));
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("cannot listen on TCP [::]:" + taken.getLocalPort()), message);
        }
        assertEquals('1', greeting("::1", port));
        assertKnocksOnly();
        assertClosed("::1", other);
    }

    @Test
    void whatIsUndoneIsAsItWas() throws Exception {
        use(config(git("git", port, one)));
        PortChange change = relays.open(config(share(two) + git("git", port, two) + git("other", other, two)));
        assertEquals('2', greeting("::1", other));
        assertEquals('1', greeting("::1", port), "until it is done");
        change.undo();
        assertClosed("::1", other);
        assertEquals('1', greeting("::1", port));
        assertKnocksOnly();
    }

    @Test
    void aPortIsSharedAndNotSharedAnyMore() throws Exception {
        assertKnocksOnly();
        use(config(share(one)));
        assertEquals('1', greeting("::1", knockPort));
        assertEquals('1', greeting("127.0.0.1", knockPort));
        use(config(share(two)));
        assertEquals('2', greeting("::1", knockPort));
        byte[] knock = knock();
        try (Socket s = connect("::1", knockPort)) {
            s.getOutputStream().write(knock);
            assertArrayEquals(knock, heard());
            assertEquals('2', s.getInputStream().read());
        }
        use(config(""));
        assertKnocksOnly();
    }

    @Test
    void ipv4IsOpenedAndClosed() throws Exception {
        String permit = git("git", port, one) + "ipv4 = 'permit'\n";
        use(config(git("git", port, one)));
        use(config(permit));
        assertEquals('1', greeting("127.0.0.1", port));
        assertEquals('1', greeting("::1", port));
        use(config(git("git", port, one)));
        assertEquals('1', greeting("::1", port));
        assertClosed("127.0.0.1", port);
    }

    @Test
    void datagramsLeadThereToo() throws Exception {
        Assumptions.assumeTrue(transport.isNative(), "there is no relay of UDP without Netty's epoll transport");
        try (DatagramSocket first = new DatagramSocket(0, address("127.0.0.1"));
                DatagramSocket second = new DatagramSocket(0, address("127.0.0.1"))) {
            use(config(dns(first)));
            assertEquals(first.getLocalPort(), asked(first));
            use(config(dns(second)));
            assertEquals(second.getLocalPort(), asked(second));
            try (DatagramSocket taken = new DatagramSocket(other, address("::"))) {
                Configuration next =
                        config(dns(first) + dns(first).replace("dns", "dns2").replace("= " + port, "= " + other));
                IOException e = assertThrows(IOException.class, () -> relays.open(next));
                String message = String.valueOf(e.getMessage());
                assertTrue(message.startsWith("cannot listen on UDP [::]:" + taken.getLocalPort()), message);
            }
            assertEquals(second.getLocalPort(), asked(second));
            assertEquals(3, relays.flows().total());
            use(config(""));
            assertEquals(3, relays.flows().total(), "a count does not go back");
            assertEquals(0, relays.flows().open());
        }
    }

    /** Another resolver has the port when the agent starts, and goes. */
    @Test
    void namesMayBeLateAtTheStartAndNotAtAReload() throws Exception {
        String dns64 = "[relay.dns64]\nlisten = ['[::1]:" + other + "']\nupstream = ['192.0.2.53:53']\n";
        Configuration next = config(git("git", port, one) + dns64);
        Deferred worker = new Deferred();
        try (DatagramSocket taken = new DatagramSocket(other, address("::1"))) {
            assertThrows(IOException.class, () -> relays.open(next));
            assertClosed("::1", port);
            relays.start(next, worker);
            assertEquals('1', greeting("::1", port));
            worker.run();
            assertEquals(1, relays.problems().size());
            String problem = relays.problems().get(0);
            assertTrue(problem.startsWith("DNS64 cannot listen on UDP [::1]:" + taken.getLocalPort()), problem);
        }
        worker.run();
        assertEquals(List.of(), relays.problems());
        try (Socket s = connect("::1", other)) {
            assertTrue(s.isConnected());
        }
        use(config(""));
        assertClosed("::1", other);
        worker.shutdownNow();
    }

    @Test
    void aPortOfAServiceThatSomebodyHasKeepsTheAgentOut() throws Exception {
        try (ServerSocket taken = new ServerSocket(port)) {
            assertTrue(taken.isBound());
            Configuration next = config(git("git", port, one));
            assertThrows(IOException.class, () -> relays.start(next, new Deferred()));
        }
    }

    /** Does what is to be done now and then when the test says so. */
    private static final class Deferred extends ScheduledThreadPoolExecutor {
        private Runnable regular = () -> {};

        Deferred() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
            regular = command;
            return super.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.DAYS);
        }

        void run() {
            regular.run();
        }
    }

    private String dns(DatagramSocket to) {
        return "[service.dns]\nprotocol = 'udp'\nport = " + port + "\nrelay = '127.0.0.1:" + to.getLocalPort() + "'\n";
    }

    /** Asks by the relay's port; the port at which it was heard. */
    private int asked(DatagramSocket daemon) throws IOException {
        daemon.setSoTimeout(PATIENCE);
        try (DatagramSocket client = new DatagramSocket(0, address("::1"))) {
            client.send(new DatagramPacket(new byte[] {1, 2}, 2, address("::1"), port));
            DatagramPacket got = new DatagramPacket(new byte[10], 10);
            daemon.receive(got);
            assertEquals(2, got.getLength());
            daemon.send(new DatagramPacket(new byte[3], 3, got.getSocketAddress()));
            client.setSoTimeout(PATIENCE);
            client.receive(got);
            assertEquals(3, got.getLength());
            return daemon.getLocalPort();
        }
    }

    private static byte[] knock() {
        byte[] knock = new byte[Packet.LENGTH];
        Arrays.fill(knock, (byte) 7);
        return knock;
    }

    private byte[] heard() throws InterruptedException {
        byte[] packet = knocks.poll(PATIENCE, TimeUnit.MILLISECONDS);
        return packet == null ? new byte[0] : packet;
    }

    /** A knock is heard, and the connection is closed without a word. */
    private void assertKnocksOnly() throws Exception {
        try (Socket s = connect("::1", knockPort)) {
            s.setSoTimeout(PATIENCE);
            s.getOutputStream().write(knock());
            InputStream in = s.getInputStream();
            try {
                assertEquals(-1, in.read());
            } catch (SocketException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
            }
        }
        assertArrayEquals(knock(), heard());
    }
}
