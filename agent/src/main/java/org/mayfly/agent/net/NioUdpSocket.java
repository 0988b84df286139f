package org.mayfly.agent.net;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoOps;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.util.OptionalInt;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's channel on Netty's NIO loop, for where the native transport is missing. A call for each packet; the JDK makes an
 * address for a packet whose sender is not that of the packet before, and nothing otherwise.
 */
class NioUdpSocket extends UdpSocket { // not final: a test makes it fail
    private static final Logger LOG = Logger.getLogger(NioUdpSocket.class.getName());

    private final DatagramChannel channel;
    private final PacketSink sink;
    private final int room;

    /** What the JDK would copy through a buffer of its own if it were not direct. */
    private final ByteBuffer packet;

    private final byte[] block;
    private final IoHandle handle = new Handle();
    private @Nullable SocketAddress sender;
    private Source source = new Source(0, 0);

    NioUdpSocket(IoEventLoop loop, DatagramChannel channel, String name, int room, PacketSink sink) {
        super(loop, NioIoOps.READ, NioIoOps.NONE, name);
        this.channel = channel;
        this.sink = sink;
        this.room = room;
        this.packet = ByteBuffer.allocateDirect(room);
        this.block = new byte[BURST * room];
    }

    static UdpSocket open(IoEventLoop loop, InetSocketAddress address, int room, PacketSink sink) throws IOException {
        UdpSocket socket = new NioUdpSocket(loop, bound(address), "UDP " + Listeners.text(address), room, sink);
        socket.start();
        return socket;
    }

    /** Bound and non-blocking. */
    static DatagramChannel bound(InetSocketAddress address) throws IOException {
        boolean four = address.getAddress() instanceof Inet4Address;
        DatagramChannel channel;
        try {
            channel = DatagramChannel.open(four ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        } catch (UnsupportedOperationException e) { // java.net.preferIPv4Stack
            throw new IOException("there is no IPv6 here", e);
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(address);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    int burst() throws IOException {
        int count = 0;
        try {
            while (count < BURST && one(count * room)) {
                count++;
            }
        } finally {
            if (count > 0) {
                sink.burstOver();
            }
        }
        return count;
    }

    /** Reads a packet to a place of the block and hands it on, if there is one. */
    @SuppressWarnings("ReferenceEquality") // the JDK gives the same object for the same sender
    private boolean one(int offset) throws IOException {
        SocketAddress from = channel.receive(packet.clear());
        if (from == null) {
            return false;
        }
        if (from != sender) {
            source = Source.of(((InetSocketAddress) from).getAddress());
            sender = from;
        }
        int length = packet.position();
        packet.get(0, block, offset, length);
        sink.packet(block, offset, length, source.high(), source.low());
        return true;
    }

    /** The descriptor goes when the selector has let go of it, which it does before it looks for anything else. */
    @Override
    void shut() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a socket could not be closed", e);
        }
    }

    @Override
    int receiveBuffer() {
        try {
            return channel.getOption(StandardSocketOptions.SO_RCVBUF);
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    long dropped() {
        return 0;
    }

    @Override
    OptionalInt descriptor() {
        return OptionalInt.empty();
    }

    @Override
    IoHandle handle() {
        return handle;
    }

    private final class Handle implements NioIoHandle {
        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            turn();
        }

        @Override
        public SelectableChannel selectableChannel() {
            return channel;
        }

        @Override
        public void close() {
            end();
        }
    }
}
