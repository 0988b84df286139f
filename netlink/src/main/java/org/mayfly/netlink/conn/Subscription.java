package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageReader;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.NetlinkSocket;

/**
 * What the kernel tells some multicast groups. An event loop watches {@link #fd} and calls {@link #read}; without one,
 * {@link #poll} waits. Subscribe before dumping, and nothing is missed.
 *
 * <p>Source: netlink(7). One thread at a time; any thread may close it.
 */
public final class Subscription implements AutoCloseable {
    /** The receive buffer asked for when nobody says otherwise: some thousand events. */
    public static final int RECEIVE_BUFFER = 4 << 20;

    /** So many datagrams are read at a time, for others on the event loop to have their turn. */
    private static final int AT_A_TIME = 256;

    private static final int DATAGRAM = 1 << 16;

    private final Transport source;
    private final ByteBuffer in = ByteBuffer.allocateDirect(DATAGRAM).order(ByteOrder.nativeOrder());
    private final MessageReader reader = new MessageReader(in);

    Subscription(Transport source) {
        this.source = source;
    }

    /**
     * Joins groups, in the network namespace of the calling thread.
     *
     * @param protocol {@link NetlinkConnection#NETLINK_ROUTE} and its kind
     * @param groups {@code RTNLGRP_…} or {@code NFNLGRP_…}, as numbers
     */
    public static Subscription open(int protocol, int... groups) throws IOException {
        return open(protocol, RECEIVE_BUFFER, groups);
    }

    static Subscription open(int protocol, int receiveBuffer, int[] groups) throws IOException {
        NetlinkSocket socket = NetlinkSocket.open(protocol);
        try {
            socket.receiveBuffer(receiveBuffer);
            for (int group : groups) {
                socket.join(group);
            }
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new Subscription(Transport.of(socket));
    }

    /** For an event loop; it stays ours to close. */
    public int fd() {
        return source.fd();
    }

    /**
     * Waits for an event.
     *
     * @param milliseconds at most; below 0 for ever
     * @return whether there is something to {@link #read}
     * @throws java.nio.channels.AsynchronousCloseException if another thread closed it meanwhile
     */
    public boolean poll(int milliseconds) throws IOException {
        return source.poll(milliseconds);
    }

    /**
     * Hands on what is there, without waiting for more.
     *
     * @return whether it stopped for fairness and there may be more
     * @throws org.mayfly.netlink.MalformedMessageException for an event that makes no sense, or whatever the handler
     *     threw; first the other events of its datagram are handed on, and the next call goes on behind it
     */
    public boolean read(EventHandler handler) throws IOException {
        for (int i = 0; i < AT_A_TIME; i++) {
            try {
                if (!source.receive(in, 0)) {
                    return false;
                }
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOBUFS && e.errno() != Errno.EMSGSIZE) {
                    throw e;
                }
                handler.overrun(); // an event too long for us is as lost as one too many for the kernel
                continue;
            }
            reader.reset();
            handOn(handler);
        }
        return true;
    }

    private void handOn(EventHandler handler) {
        RuntimeException failed = null;
        while (reader.next()) {
            try {
                handler.event(reader.type(), in, reader.offset(), reader.length());
            } catch (RuntimeException e) {
                failed = failed == null ? e : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /**
     * While an event is handed on: the port id of the socket whose request caused it ({@link NetlinkConnection#portId}), 0
     * if it was the kernel's own doing.
     */
    public int portId() {
        return reader.portId();
    }

    @Override
    public void close() {
        source.close();
    }
}
