package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.OPEN;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** Connections to the translation prefix come to one socket, whatever their port is, and nothing else comes in there. */
class Nat64KernelTest {
    private static final int PORT = 6464;
    private static final Ip6Prefix PREFIX = Ip6Prefix.parse("64:ff9b:1::/96");
    private static final Ip6Address BEHIND = Ip6Address.parse("64:ff9b:1::198.51.100.7");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private TwoHosts net;
    private NetlinkKernel kernel;

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        net.client.run("ip", "-6", "route", "add", PREFIX.toString(), "via", SERVER.toString());
        kernel = net.kernel();
    }

    @AfterEach
    void tearDown() throws Exception {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        if (net != null) { // the test was skipped
            net.close();
        }
    }

    private static Guard translating(String inside) {
        Guard g = guard(DoorMode.ADDRESS);
        return new Guard(g.doors(), g.gated(), g.knocks(), new Nat64(PREFIX, inside, false, PORT));
    }

    /** Tells everybody what address and port he has connected to. */
    private void listen() throws Exception {
        listen(Telling::new);
    }

    private void listen(Supplier<ChannelHandler> handler) throws Exception {
        ServerBootstrap b = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(EpollChannelOption.IP_TRANSPARENT, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler.get());
                    }
                });
        net.server
                .call(() -> b.bind(new InetSocketAddress(Ip6Address.parse("::1").toInetAddress(), PORT)))
                .sync();
    }

    private static final class Telling extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            InetSocketAddress to = (InetSocketAddress) context.channel().localAddress();
            String text = Ip6Address.of(to.getAddress()) + " " + to.getPort();
            context.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    private String told(int port) throws Exception {
        try (Socket s = net.connect(CLIENT, BEHIND, port)) {
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void theTableSaysWhatBecomesOfIt() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        String table = net.server.run("nft", "-s", "list", "table", "inet", "mayfly");
        assertEquals(Resources.text("guard-nat64.nft"), table.substring(table.indexOf("\tchain nat64")));
        assertTrue(kernel.stands());
        net.server.run("nft", "flush chain inet mayfly nat64");
        assertFalse(kernel.stands());
    }

    @Test
    void everyPortLeadsToTheOneSocket() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        listen();
        assertEquals(BEHIND + " 80", told(80));
        assertEquals(BEHIND + " " + GATED, told(GATED), "gated on this host, and not behind it");
        assertEquals(BEHIND + " " + OPEN, told(OPEN), "not the service of this host");
        assertEquals(BEHIND + " " + PORT, told(PORT));
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        assertTrue(alive(net.connect(CLIENT, SERVER, OPEN)));
        assertThrows(ConnectException.class, () -> net.connect(CLIENT, SERVER, PORT), "nobody listens there");
    }

    @Test
    void withNobodyToRelayItsServicesAreNotReached() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        for (int port : List.of(OPEN, GATED, 80)) {
            IOException e = assertThrows(IOException.class, () -> net.connect(CLIENT, BEHIND, port));
            assertFalse(e instanceof SocketTimeoutException, "told at once");
        }
    }

    @Test
    void otherProtocolsAreRefusedAtOnce() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        listen();
        try (DatagramSocket s = net.client.call(() -> new DatagramSocket())) {
            s.setSoTimeout(2000);
            net.client.call(() -> {
                s.connect(BEHIND.toInetAddress(), 443); // HTTP/3, which falls back to TCP when it is refused
                return s;
            });
            s.send(new DatagramPacket(new byte[1], 1));
            IOException e = assertThrows(IOException.class, () -> s.receive(new DatagramPacket(new byte[1], 1)));
            assertFalse(e instanceof SocketTimeoutException, "told at once");
        }
    }

    @Test
    void whoIsNotInsideFindsNothing() throws Exception {
        stand(kernel, translating("inside0"), Standing.NOTHING);
        listen();
        for (int port : List.of(80, OPEN, GATED, PORT)) {
            assertTrue(net.silent(CLIENT, BEHIND, port), "port " + port);
        }
        IOException e = assertThrows(
                IOException.class,
                () -> net.server.call(() -> new Socket(BEHIND.toInetAddress(), OPEN)),
                "this host itself, which would find its own service");
        assertFalse(e instanceof SocketTimeoutException);
    }

    @Test
    void anInterfaceThatComesLaterIsInside() throws Exception {
        stand(kernel, translating("later0"), Standing.NOTHING);
        listen();
        net.server.run("ip", "link", "set", "srv0", "down");
        net.server.run("ip", "link", "set", "srv0", "name", "later0");
        net.server.run("ip", "link", "set", "later0", "up");
        net.server.address("fe80::b/64", "later0");
        net.server.address(SERVER + "/64", "later0");
        assertEquals(BEHIND + " 80", told(80));
    }

    @Test
    void doorsAreOpenedBesideIt() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        listen();
        kernel.open(permit(CLIENT, DOOR), MINUTE);
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
        kernel.cut(permit(CLIENT, DOOR), MINUTE);
        assertTrue(net.silent(CLIENT, DOOR, GATED));
        assertEquals(BEHIND + " 80", told(80));
    }

    @Test
    void itsRouteIsWatchedAndGoesWithIt() throws Exception {
        Set<Disturbance> heard = EnumSet.noneOf(Disturbance.class);
        try (KernelWatch watch = net.server.call(() -> kernel.watch(DOOR::equals, new KernelWatch.Listener() {
            @Override
            public void disturbed(Disturbance what) {
                heard.add(what);
            }

            @Override
            public void ready(Ip6Address door) {}

            @Override
            public void machineChanged() {}
        }))) {
            stand(kernel, translating("srv0"), Standing.NOTHING);
            read(watch);
            assertEquals(Set.of(), heard);
            net.server.run("ip", "-6", "route", "del", "local", PREFIX.toString(), "dev", "lo", "table", "local");
            read(watch);
            assertEquals(Set.of(Disturbance.ROUTE), heard);
            kernel.align(Map.of());
            assertEquals(List.of(PREFIX), kernel.prefixes());
            stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
            assertEquals(List.of(), kernel.prefixes());
        }
    }

    /** As when it is given up. */
    @Test
    void whatIsRelayedCanBeCut() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        listen(ChannelInboundHandlerAdapter::new);
        try (Socket s = net.connect(CLIENT, BEHIND, 80);
                Socket other = net.connect(CLIENT, SERVER, OPEN)) {
            stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
            assertEquals(1, kernel.cutWithin(PREFIX));
            assertThrows(SocketException.class, () -> s.getInputStream().read(), "a reset");
            assertTrue(alive(other));
        }
    }

    private static void read(KernelWatch watch) throws IOException {
        for (KernelWatch.Source source : watch.sources()) {
            while (source.poll(0)) {
                source.read();
            }
        }
    }

    @Test
    void anAgentThatCannotStartLeavesNothingOpenThere() throws Exception {
        stand(kernel, translating("srv0"), Standing.NOTHING);
        net.kernel().shut(guard(DoorMode.ADDRESS).withDoors(List.of()), Ip6Prefix.parse("::/124"));
        assertTrue(net.silent(CLIENT, BEHIND, OPEN), "a prefix that is not translated any more is like one of doors");
        assertTrue(net.silent(CLIENT, BEHIND, GATED));
    }
}
