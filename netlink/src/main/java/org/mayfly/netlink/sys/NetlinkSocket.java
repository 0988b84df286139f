package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/** A netlink socket that talks to the kernel: netlink(7). One thread uses it; any thread may close it. */
public final class NetlinkSocket implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final short POLLIN = 1;
    private static final int MSG_TRUNC = 0x20;

    /** A flag of {@link #receive}: do not wait. */
    public static final int MSG_DONTWAIT = 0x40;

    /** Scratch memory: sockaddr_nl at 0, iovec at 16, msghdr at 32, option values at 96, pollfd at 112. */
    private static final int SOCKADDR_NL = 12;

    private static final int IOVEC_AT = 16;
    private static final int MSGHDR_AT = 32;
    private static final int MSG_FLAGS_AT = MSGHDR_AT + 48;
    private static final int OPTION_AT = 96;
    private static final int POLLFD_AT = 112;

    private final ByteBuffer scratch = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());
    private final long at = Libc.address(scratch);
    private final int fd;
    private boolean open = true;

    private NetlinkSocket(int fd) {
        this.fd = fd;
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
        NetlinkSocket s = new NetlinkSocket(fd);
        s.scratch.putShort(0, (short) AF_NETLINK);
        s.scratch.putLong(MSGHDR_AT + 16, s.at + IOVEC_AT).putLong(MSGHDR_AT + 24, 1);
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
    public boolean option(int option, int value) {
        return set(SOL_NETLINK, option, value);
    }

    /** Asks for a receive buffer of that many bytes, beyond the machine's limit where that is allowed. */
    public void receiveBuffer(int bytes) {
        if (!set(SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
            set(SOL_SOCKET, SO_RCVBUF, bytes);
        }
    }

    /** Lets a datagram be that many bytes, beyond the machine's limit where that is allowed. */
    public void sendBuffer(int bytes) {
        if (!set(SOL_SOCKET, SO_SNDBUFFORCE, bytes)) {
            set(SOL_SOCKET, SO_SNDBUF, bytes);
        }
    }

    /** After that long a {@link #receive} that got nothing fails. */
    public void timeout(int seconds) {
        scratch.putLong(OPTION_AT, seconds).putLong(OPTION_AT + 8, 0);
        Libc.CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, at + OPTION_AT, 16);
    }

    private boolean set(int level, int option, int value) {
        scratch.putInt(OPTION_AT, value);
        return Libc.CALLS.setsockopt(fd, level, option, at + OPTION_AT, 4) == 0;
    }

    /** Sends the first {@code length} bytes of a direct buffer as one datagram. */
    public void send(ByteBuffer direct, int length) throws IOException {
        while (Libc.CALLS.send(fd, Libc.address(direct), length, 0) < 0) {
            if (Libc.errno() != Errno.EINTR) {
                throw failed("send");
            }
        }
    }

    /**
     * Receives one datagram from the kernel; what others send is dropped.
     *
     * @param direct filled from its beginning; its limit becomes the length
     * @param flags {@code MSG_DONTWAIT} and its kind
     * @return false if there was nothing, in time or without waiting
     * @throws NetlinkException with {@code ENOBUFS} if datagrams were lost, {@code EMSGSIZE} if one was too long
     */
    public boolean receive(ByteBuffer direct, int flags) throws IOException {
        while (true) {
            scratch.putLong(IOVEC_AT, Libc.address(direct)).putLong(IOVEC_AT + 8, direct.capacity());
            scratch.putLong(MSGHDR_AT, at).putInt(MSGHDR_AT + 8, SOCKADDR_NL);
            long n = Libc.CALLS.recvmsg(fd, at + MSGHDR_AT, flags);
            if (n < 0) {
                int errno = Libc.errno();
                if (errno == Errno.EAGAIN) {
                    return false;
                }
                if (errno != Errno.EINTR) {
                    throw failed("recvmsg");
                }
            } else if (scratch.getInt(4) == 0) { // nl_pid of the sender: 0 is the kernel
                if ((scratch.getInt(MSG_FLAGS_AT) & MSG_TRUNC) != 0) {
                    String size = "a datagram of more than " + direct.capacity() + " bytes";
                    throw new NetlinkException("recvmsg", Errno.EMSGSIZE, size, 0);
                }
                direct.limit((int) n).position(0);
                return true;
            }
        }
    }

    /**
     * Joins a multicast group.
     *
     * @param group its number, {@code RTNLGRP_…} or {@code NFNLGRP_…}
     */
    public void join(int group) throws IOException {
        if (!option(NETLINK_ADD_MEMBERSHIP, group)) {
            throw failed("NETLINK_ADD_MEMBERSHIP " + group);
        }
    }

    /**
     * Waits for something to receive.
     *
     * @param milliseconds at most; below 0 for ever
     * @return whether there is
     */
    public boolean poll(int milliseconds) throws IOException {
        long deadline = System.nanoTime() + milliseconds * 1_000_000L;
        int left = milliseconds;
        while (true) {
            scratch.putInt(POLLFD_AT, fd).putShort(POLLFD_AT + 4, POLLIN).putShort(POLLFD_AT + 6, (short) 0);
            int ready = Libc.CALLS.poll(at + POLLFD_AT, 1, left);
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

    /** Our port id: what others would send to, and what the kernel writes into its answers. */
    public int portId() throws IOException {
        scratch.putInt(OPTION_AT + 12, SOCKADDR_NL);
        if (Libc.CALLS.getsockname(fd, at + OPTION_AT, at + OPTION_AT + 12) < 0) {
            throw failed("getsockname");
        }
        return scratch.getInt(OPTION_AT + 4);
    }

    /** For an event loop. It stays ours to close. */
    public int fd() {
        return fd;
    }

    private static NetlinkException failed(String call) {
        return new NetlinkException(call, Libc.errno());
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            Libc.CALLS.close(fd);
        }
    }
}
