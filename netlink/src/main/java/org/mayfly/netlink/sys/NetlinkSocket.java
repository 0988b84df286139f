package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/**
 * A netlink socket that talks to the kernel: netlink(7). One thread at a time uses it; any thread may close it, and
 * what waits in it then ends.
 */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final short POLLIN = 1;

    /** {@code netlink_sendmsg} keeps so much of the send buffer for itself. */
    private static final int SEND_OVERHEAD = 32;

    /** Scratch memory: sockaddr_nl at 0, option values at 16, two pollfd at 32. */
    static final int SOCKADDR_NL = 12;

    private static final int OPTION_AT = 16;
    private static final int POLLFD_AT = 32;
    private static final int POLLFD = 8;

    /** In {@link #users}: no more may come. The descriptors are closed when the last one has left. */
    private static final int CLOSED = Integer.MIN_VALUE;

    private final ByteBuffer scratch = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());
    private final long at = Libc.address(scratch);
    private final AtomicInteger users = new AtomicInteger();
    private final NativeAddress sending = new NativeAddress();
    private final Receiver receiver;
    private final int fd;

    /** An eventfd(2) that {@link #close} writes to: closing a descriptor wakes nobody who waits for it. */
    private final int wake;

    private NetlinkSocket(int fd, int wake) {
        this.fd = fd;
        this.receiver = new Receiver(fd);
        this.wake = wake;
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @param protocol {@code NETLINK_ROUTE} and its kind
     * @throws IOException if the kernel has no such family, or is out of descriptors
     */
    public static NetlinkSocket open(int protocol) throws IOException {
        int fd = Libc.CALLS.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw failed("socket(AF_NETLINK, " + protocol + ")");
        }
        int wake = Libc.CALLS.eventfd(0, EFD_CLOEXEC);
        if (wake < 0) {
            IOException e = failed("eventfd");
            Libc.CALLS.close(fd);
            throw e;
        }
        NetlinkSocket s = new NetlinkSocket(fd, wake);
        s.scratch.putShort(0, (short) AF_NETLINK);
        if (Libc.CALLS.bind(fd, s.at, SOCKADDR_NL) < 0 || Libc.CALLS.connect(fd, s.at, SOCKADDR_NL) < 0) {
            IOException e = failed("bind, connect");
            s.close();
            throw e;
        }
        return s;
    }

    /**
     * Sets an option of level {@code SOL_NETLINK}.
     *
     * @return false if this kernel does not know it
     */
    public boolean option(int option, int value) throws ClosedChannelException {
        return set(SOL_NETLINK, option, value);
    }

    /** Asks for a receive buffer of that many bytes, beyond the machine's limit where that is allowed. */
    public void receiveBuffer(int bytes) throws ClosedChannelException {
        if (!set(SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
            set(SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /** Lets a datagram be that many bytes, beyond the machine's limit where that is allowed: see {@link #sendLimit}. */
    public void sendBuffer(int bytes) throws ClosedChannelException {
        if (!set(SOL_SOCKET, SO_SNDBUFFORCE, bytes)) {
            set(SOL_SOCKET, SO_SNDBUF, bytes);
        }
    }

    /** The most bytes a datagram may be; the kernel refuses a longer one with {@code EMSGSIZE}. */
    public int sendLimit() throws IOException {
        enter();
        try {
            scratch.putInt(OPTION_AT, 0).putInt(OPTION_AT + 4, 4);
            if (Libc.CALLS.getsockopt(fd, SOL_SOCKET, SO_SNDBUF, at + OPTION_AT, at + OPTION_AT + 4) < 0) {
                throw failed("getsockopt(SO_SNDBUF)");
            }
            return scratch.getInt(OPTION_AT) - SEND_OVERHEAD;
        } finally {
            leave();
        }
    }

    private boolean set(int level, int option, int value) throws ClosedChannelException {
        enter();
        try {
            scratch.putInt(OPTION_AT, value);
            return Libc.CALLS.setsockopt(fd, level, option, at + OPTION_AT, 4) == 0;
        } finally {
            leave();
        }
    }

    /**
     * Sends the first {@code length} bytes of a direct buffer as one datagram.
     *
     * @throws ClosedChannelException if the socket is closed
     */
    public void send(ByteBuffer direct, int length) throws IOException {
        enter();
        try {
            while (Libc.CALLS.send(fd, sending.of(direct), length, 0) < 0) {
                if (Libc.errno() != Errno.EINTR) {
                    throw failed("send");
                }
            }
        } finally {
            leave();
        }
    }

    /**
     * Receives one datagram from the kernel; what others send is dropped.
     *
     * @param direct filled from its beginning; its limit becomes the length
     * @param milliseconds to wait at most, below 0 for ever, 0 to not wait
     * @return false if nothing came in time
     * @throws NetlinkException with {@code ENOBUFS} if datagrams were lost, {@code EMSGSIZE} if one was too long
     * @throws AsynchronousCloseException if another thread closed the socket meanwhile
     * @throws ClosedChannelException if the socket is closed
     */
    public boolean receive(ByteBuffer direct, int milliseconds) throws IOException {
        enter();
        try {
            // An answer is there when send() returns, so that asking first whether it is would be a call too many.
            while (!receiver.receive(direct)) {
                if (milliseconds == 0 || !await(milliseconds)) {
                    return false;
                }
            }
            return true;
        } finally {
            leave();
        }
    }

    /**
     * Joins a multicast group.
     *
     * @param group its number, {@code RTNLGRP_…} or {@code NFNLGRP_…}
     */
    public void join(int group) throws IOException {
        receiver.checkSenders();
        if (!option(NETLINK_ADD_MEMBERSHIP, group)) {
            throw failed("NETLINK_ADD_MEMBERSHIP " + group);
        }
    }

    /**
     * Waits for something to receive.
     *
     * @param milliseconds at most; below 0 for ever
     * @return whether there is
     * @throws AsynchronousCloseException if another thread closed the socket meanwhile
     * @throws ClosedChannelException if the socket is closed
     */
    public boolean poll(int milliseconds) throws IOException {
        enter();
        try {
            return await(milliseconds);
        } finally {
            leave();
        }
    }

    private boolean await(int milliseconds) throws IOException {
        long deadline = System.nanoTime() + milliseconds * 1_000_000L;
        int left = milliseconds;
        while (true) {
            pollfd(0, fd);
            pollfd(1, wake);
            int ready = Libc.CALLS.poll(at + POLLFD_AT, 2, left);
            if (users.get() < 0) {
                throw new AsynchronousCloseException();
            }
            if (ready >= 0) {
                return ready > 0;
            }
            if (Libc.errno() != Errno.EINTR) {
                throw failed("poll");
            }
            if (milliseconds > 0) {
                left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
            }
        }
    }

    /** {@code struct pollfd: | fd s32 | events s16 | revents s16 |}. */
    private void pollfd(int index, int descriptor) {
        int p = POLLFD_AT + index * POLLFD;
        scratch.putInt(p, descriptor).putShort(p + 4, POLLIN).putShort(p + 6, (short) 0);
    }

    /** Our port id: what others would send to, and what the kernel writes into its answers. */
    public int portId() throws IOException {
        enter();
        try {
            scratch.putInt(OPTION_AT + 12, SOCKADDR_NL);
            if (Libc.CALLS.getsockname(fd, at + OPTION_AT, at + OPTION_AT + 12) < 0) {
                throw failed("getsockname");
            }
            return scratch.getInt(OPTION_AT + 4);
        } finally {
            leave();
        }
    }

    /** For an event loop. It stays ours to close. */
    public int fd() {
        return fd;
    }

    private static NetlinkException failed(String call) {
        return new NetlinkException(call, Libc.errno());
    }

    /** Keeps the descriptors from being closed, and their numbers from being given to others, while they are in use. */
    private void enter() throws ClosedChannelException {
        int n;
        do {
            n = users.get();
            if (n < 0) {
                throw new ClosedChannelException();
            }
        } while (!users.compareAndSet(n, n + 1));
    }

    private void leave() {
        if (users.decrementAndGet() == CLOSED) {
            Libc.CALLS.close(fd);
            Libc.CALLS.close(wake);
        }
    }

    /** A second time does nothing. */
    @Override
    public void close() {
        int n;
        do {
            n = users.get();
            if (n < 0) {
                return;
            }
        } while (!users.compareAndSet(n, n + 1 | CLOSED));
        Libc.wake(wake);
        leave();
    }
}
