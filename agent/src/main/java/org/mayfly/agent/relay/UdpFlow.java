package org.mayfly.agent.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.DatagramBurst;
import org.mayfly.netlink.sys.UdpDescriptor;

/**
 * What one client sends from one port to one door, and what comes back. Once it is open it has two sockets: one on the door,
 * connected to the client, and one that is connected to the target. Until then what the client sends is held.
 */
final class UdpFlow {
    /** The most datagrams that are held: more than any protocol begins with. */
    static final int HELD = 128;

    /** What is asked of the kernel, in bytes, for each socket: about 1,000 datagrams of a tunnel. */
    static final int RECEIVE_BUFFER = 1 << 20;

    final UdpKey key;
    final long network;

    /** When it was used last, by the relay's clock. */
    long used;

    private final Queue<ByteBuf> held = new ArrayDeque<>(1);
    private @Nullable WatchedSocket client;
    private @Nullable WatchedSocket target;
    private boolean over;

    UdpFlow(UdpKey key, long now) {
        this.key = key;
        this.network = key.network();
        this.used = now;
    }

    /** Neither open nor over yet. */
    boolean isAskedAbout() {
        return client == null && !over;
    }

    boolean isOpen() {
        return client != null && !over;
    }

    /**
     * Keeps a copy.
     *
     * @return its bytes; -1 if there is no room
     */
    int hold(DatagramBurst burst, int index) {
        if (held.size() == HELD) {
            return -1;
        }
        int length = burst.length(index);
        ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, length));
        burst.copy(index, copy.nioBuffer(0, length));
        held.add(copy.writerIndex(length));
        return length;
    }

    /**
     * Gives what was held to a burst, from its first place on.
     *
     * @return how many; 0 if nothing is held any more
     */
    int release(DatagramBurst burst) {
        int count = 0;
        for (; count < burst.size() && !held.isEmpty(); count++) {
            ByteBuf one = held.remove();
            burst.put(count, one.nioBuffer());
            one.release();
        }
        return count;
    }

    /** How many are held. */
    int heldCount() {
        return held.size();
    }

    /** How many bytes are held. */
    int heldBytes() {
        return held.stream().mapToInt(ByteBuf::readableBytes).sum();
    }

    /**
     * Makes the sockets.
     *
     * @param port the service's
     * @param fromClient called when the client has sent something, once it is {@link #watch}ed
     * @param fromTarget called when the target has
     * @throws NetlinkException if there is one of them too many; then there is none
     */
    void open(
            IoEventLoop loop,
            int port,
            InetSocketAddress to,
            Consumer<UdpFlow> fromClient,
            Consumer<UdpFlow> fromTarget)
            throws NetlinkException {
        UdpDescriptor there = UdpDescriptor.connected(to).receiveBuffer(RECEIVE_BUFFER);
        try {
            UdpDescriptor here =
                    UdpDescriptor.connected(key.local(port), key.remote()).receiveBuffer(RECEIVE_BUFFER);
            client = new WatchedSocket(loop, here, s -> fromClient.accept(this));
            target = new WatchedSocket(loop, there, s -> fromTarget.accept(this));
        } catch (NetlinkException e) {
            there.close();
            throw e;
        }
    }

    /** Whether one that ends leaves what was missing: a descriptor, a port, memory. */
    static boolean isWant(int errno) {
        return switch (errno) {
            case Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN, Errno.EADDRNOTAVAIL, Errno.ENOBUFS, Errno.ENOMEM -> true;
            default -> false;
        };
    }

    /** Begins to hear what comes. */
    void watch() throws IOException {
        if (client != null && target != null && !over) {
            client.watch();
            target.watch();
        }
    }

    /** The client's socket, as long as it is open. */
    int clientNumber() {
        return client == null ? -1 : client.number();
    }

    /** The target's socket, as long as it is open. */
    int targetNumber() {
        return target == null ? -1 : target.number();
    }

    /** Closes what it has. A second time does nothing. */
    void end() {
        over = true;
        held.forEach(ByteBuf::release);
        held.clear();
        if (client != null) {
            client.close();
        }
        if (target != null) {
            target.close();
        }
    }
}
