package org.mayfly.agent.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Logger;
import org.mayfly.netlink.sys.DatagramReceiver;

/** Epoll, with packets read by ourselves, where Netty's native library and jnr-ffi load; the JDK's channels elsewhere. */
public final class Transport {
    private static final Logger LOG = Logger.getLogger(Transport.class.getName());

    private final String name;
    private final IoHandlerFactory handler;
    private final Class<? extends ServerSocketChannel> server;
    private final Class<? extends SocketChannel> client;
    private final UdpSocket.Opener udp;

    /** Of the names that Netty gives to channels, which nobody reads: locally administered, as RFC 7042 has it. */
    private static final String MACHINE = "02:00:00:00:00:00";

    private Transport(
            String name,
            IoHandlerFactory handler,
            Class<? extends ServerSocketChannel> server,
            Class<? extends SocketChannel> client,
            UdpSocket.Opener udp) {
        nameMachine();
        this.name = name;
        this.handler = handler;
        this.server = server;
        this.client = client;
        this.udp = udp;
    }

    /**
     * Before the first channel: Netty would look at all interfaces for a hardware address, and warn where none has one, as
     * with a tunnel only (DefaultChannelId).
     */
    private static void nameMachine() {
        if (System.getProperty("io.netty.machineId") == null) {
            System.setProperty("io.netty.machineId", MACHINE);
        }
    }

    /** The best this machine has. If that is not the native one, a line in the log says why. */
    public static Transport best() {
        String missing = missing();
        if (missing.isEmpty()) {
            return epoll();
        }
        LOG.warning(() -> "packets are read through the JDK, which takes more of the processor: " + missing);
        return nio();
    }

    /** What the native one needs and is not here, in a line; or nothing. */
    private static String missing() {
        if (!Epoll.isAvailable()) {
            return "Netty's epoll transport does not load: " + firstLine(Epoll.unavailabilityCause());
        }
        try {
            DatagramReceiver.probe();
            return "";
        } catch (IOException | LinkageError | RuntimeException e) {
            return "recvmmsg cannot be called: " + firstLine(e);
        }
    }

    private static String firstLine(Throwable e) {
        return e.toString().lines().findFirst().orElse("");
    }

    /** The native one; what it needs is not looked for. */
    public static Transport epoll() {
        return new Transport(
                "epoll",
                EpollIoHandler.newFactory(),
                EpollServerSocketChannel.class,
                EpollSocketChannel.class,
                EpollUdpSocket::open);
    }

    /** The JDK's. */
    public static Transport nio() {
        return new Transport(
                "nio",
                NioIoHandler.newFactory(),
                NioServerSocketChannel.class,
                NioSocketChannel.class,
                NioUdpSocket::open);
    }

    /** {@code epoll} or {@code nio}: for the log and {@code status}. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }

    /** One thread: the one that owns the agent's state. */
    public MultiThreadIoEventLoopGroup loop() {
        return loop("mayfly-loop");
    }

    /** One thread, of that name, for what may take long. */
    public MultiThreadIoEventLoopGroup loop(String thread) {
        return new MultiThreadIoEventLoopGroup(1, (ThreadFactory) r -> new Thread(r, thread), handler);
    }

    Class<? extends ServerSocketChannel> server() {
        return server;
    }

    /** What accepts TCP connections, of one family: a socket of IPv6 has IPv4 in mapped form. */
    public ServerSocketChannel server(boolean ipv4) {
        SocketProtocolFamily family = ipv4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        return isNative()
                ? new EpollServerSocketChannel(family)
                : new NioServerSocketChannel(SelectorProvider.provider(), family);
    }

    /** What sends and receives UDP packets, of one family: a socket of IPv6 has IPv4 in mapped form. */
    public DatagramChannel datagram(boolean ipv4) {
        SocketProtocolFamily family = ipv4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        return isNative() ? new EpollDatagramChannel(family) : new NioDatagramChannel(family);
    }

    /** Whether it is the native one, whose channels have descriptors and options of the kernel. */
    public boolean isNative() {
        return client == EpollSocketChannel.class;
    }

    /** A TCP connection to another host. */
    public Class<? extends SocketChannel> client() {
        return client;
    }

    UdpSocket.Opener udp() {
        return udp;
    }
}
