package org.mayfly.agent.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.mayfly.netlink.sys.DatagramReceiver;

/**
 * Netty binds the socket and closes it; what reads is ours, since Netty makes several objects for every packet before
 * anybody can look at it (netty issue 8770).
 *
 * <p>A descriptor can be with an epoll instance once (EEXIST: epoll_ctl(2)), and Netty, even with auto-read off, would read
 * from a channel of its own on EPOLLERR. So the channel is deregistered when it is bound, which takes the descriptor out of
 * the loop and leaves the channel open, and the descriptor is registered again with a handle of ours. A dup(2) of it would
 * have left Netty's registration in place, and two numbers to close.
 */
class EpollUdpSocket extends UdpSocket { // not final: a test makes it fail
    /** With NONE Netty takes the descriptor out of epoll, and does not put it back: its next epoll_ctl(2) fails with ENOENT. */
    private static final EpollIoOps NOTHING = EpollIoOps.EPOLLET;

    private final EpollDatagramChannel channel;
    private final DatagramReceiver receiver;
    private final PacketSink sink;
    private final int receiveBuffer;
    private final IoHandle handle = new Handle();

    EpollUdpSocket(IoEventLoop loop, EpollDatagramChannel channel, String name, int room, PacketSink sink)
            throws IOException {
        super(loop, EpollIoOps.EPOLLIN, NOTHING, name);
        this.channel = channel;
        this.receiver = new DatagramReceiver(channel.fd().intValue(), room);
        this.sink = sink;
        this.receiveBuffer = receiver.receiveBuffer(RECEIVE_BUFFER);
    }

    static UdpSocket open(IoEventLoop loop, InetSocketAddress address, int room, PacketSink sink) throws IOException {
        EpollDatagramChannel channel = bound(loop, address);
        UdpSocket socket;
        try {
            socket = new EpollUdpSocket(loop, channel, "UDP " + Listeners.text(address), room, sink);
        } catch (IOException | RuntimeException e) {
            channel.unsafe().closeForcibly();
            throw e;
        }
        socket.start();
        return socket;
    }

    /** Bound, and with no loop. */
    static EpollDatagramChannel bound(IoEventLoop loop, InetSocketAddress address) throws IOException {
        SocketProtocolFamily family =
                address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        ChannelFuture bind = new Bootstrap()
                .group(loop)
                .channelFactory(() -> new EpollDatagramChannel(family))
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelHandlerAdapter() {})
                .bind(address)
                .awaitUninterruptibly();
        if (!bind.isSuccess()) {
            throw new IOException(bind.cause().getMessage(), bind.cause());
        }
        EpollDatagramChannel channel = (EpollDatagramChannel) bind.channel();
        channel.deregister().awaitUninterruptibly();
        return channel;
    }

    @Override
    int burst() throws IOException {
        int count = receiver.receive();
        byte[] block = receiver.block();
        for (int i = 0; i < count; i++) {
            sink.packet(block, receiver.offset(i), receiver.length(i), receiver.sourceHigh(i), receiver.sourceLow(i));
        }
        if (count > 0) {
            sink.burstOver();
        }
        return count;
    }

    /** As Netty does with a channel that no loop has: at once, also if the loop that it had has ended. */
    @Override
    void shut() {
        channel.unsafe().closeForcibly();
    }

    @Override
    int receiveBuffer() {
        return receiveBuffer;
    }

    @Override
    long dropped() throws IOException {
        return receiver.dropped();
    }

    @Override
    OptionalInt descriptor() {
        return OptionalInt.of(channel.fd().intValue());
    }

    @Override
    IoHandle handle() {
        return handle;
    }

    private final class Handle implements EpollIoHandle {
        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            turn();
        }

        @Override
        public FileDescriptor fd() {
            return channel.fd();
        }

        @Override
        public void close() {
            end();
        }
    }
}
