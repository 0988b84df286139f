package org.mayfly.agent.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.DatagramBurst;
import org.mayfly.netlink.sys.UdpDescriptor;

/**
 * What one client sends from one port to one door, and what comes back. Once it is let in it has two sockets: one on
 * the door, connected to the client, and one that is connected to the target. What the client sends before it is open is held.
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
    private boolean open;
    private boolean over;

    UdpFlow(UdpKey key, long now) {
        this.key = key;
        this.network = key.network();
        this.used = now;
    }

    /** What becomes of it. */
    interface Owner {
        /** The client has sent something. */
        void fromClient(UdpFlow flow);

        /** The target has. */
        void fromTarget(UdpFlow flow);

        /** It cannot go on. */
        void failed(UdpFlow flow, Throwable why);
    }

    /** Has no sockets yet, and is not over. */
    boolean isAskedAbout() {
        return client == null && !over;
    }

    boolean hasSockets() {
        return client != null && !over;
    }

    /** Lets through what comes. */
    boolean isOpen() {
        return open && !over;
    }

    boolean isOver() {
        return over;
    }

    /**
     * Keeps a copy.
     *
     * @return its bytes; -1 if there is no room, be it in memory
     */
    int hold(DatagramBurst burst, int index) {
        if (held.size() == HELD) {
            return -1;
        }
        int length = burst.length(index);
        ByteBuf copy;
        try {
            copy = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, length));
        } catch (OutOfMemoryError e) { // of direct memory: netty's OutOfDirectMemoryError
            return -1;
        }
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
     * @param owner called once it is {@link #watch}ed
     * @throws NetlinkException if there is one of them too many; then there is none
     */
    void make(IoEventLoop loop, int port, InetSocketAddress to, Owner owner) throws NetlinkException {
        UdpDescriptor there = UdpDescriptor.connected(to).receiveBuffer(RECEIVE_BUFFER);
        try {
            UdpDescriptor here =
                    UdpDescriptor.connected(key.local(port), key.remote()).receiveBuffer(RECEIVE_BUFFER);
            client = new WatchedSocket(loop, here, s -> owner.fromClient(this), (s, e) -> owner.failed(this, e));
            target = new WatchedSocket(loop, there, s -> owner.fromTarget(this), (s, e) -> owner.failed(this, e));
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

    /** It has sockets, and whoever could destroy them lets it in: it is open from now on. */
    void open() {
        open = true;
    }

    /** Begins to hear what comes. */
    void watch() throws IOException {
        if (client != null && target != null && !over) {
            client.watch();
            target.watch();
        }
    }

    /** The client's socket, as long as there is one; else -1. */
    int clientNumber() {
        return client == null || over ? -1 : client.number();
    }

    /** The target's socket, as long as there is one; else -1. */
    int targetNumber() {
        return target == null || over ? -1 : target.number();
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
