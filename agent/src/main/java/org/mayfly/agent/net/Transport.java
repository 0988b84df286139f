package org.mayfly.agent.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.concurrent.ThreadFactory;

/**
 * Netty's native epoll where its library loads, the JDK's channels elsewhere.
 *
 * @param name for the log and {@code status}
 */
public record Transport(
        String name,
        IoHandlerFactory handler,
        Class<? extends DatagramChannel> datagram,
        Class<? extends ServerSocketChannel> server) {

    /** The best this machine has. */
    public static Transport best() {
        return Epoll.isAvailable() ? epoll() : nio();
    }

    static Transport epoll() {
        return new Transport(
                "epoll", EpollIoHandler.newFactory(), EpollDatagramChannel.class, EpollServerSocketChannel.class);
    }

    static Transport nio() {
        return new Transport("nio", NioIoHandler.newFactory(), NioDatagramChannel.class, NioServerSocketChannel.class);
    }

    /** One thread: the one that owns the agent's state. */
    public MultiThreadIoEventLoopGroup loop() {
        return new MultiThreadIoEventLoopGroup(1, (ThreadFactory) r -> new Thread(r, "mayfly-loop"), handler);
    }
}
