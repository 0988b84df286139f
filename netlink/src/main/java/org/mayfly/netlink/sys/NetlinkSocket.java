package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;

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
    private static final int MSG_TRUNC = 0x20;

    /** Scratch memory: sockaddr_nl at 0, iovec at 16, msghdr at 32, option values at 96. */
    private static final int SOCKADDR_NL = 12;

    private static final int IOVEC_AT = 16;
    private static final int MSGHDR_AT = 32;
    private static final int MSG_FLAGS_AT = MSGHDR_AT + 48;
    private static final int OPTION_AT = 96;

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
     * @throws IOException with {@code ENOBUFS} in its message if datagrams were lost
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
                    throw new IOException("recvmsg: a datagram of more than " + direct.capacity() + " bytes");
                }
                direct.limit((int) n).position(0);
                return true;
            }
        }
    }

    /** For an event loop. */
    public int fd() {
        return fd;
    }

    private static IOException failed(String call) {
        return new IOException(call + ": " + Errno.name(Libc.errno()));
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            Libc.CALLS.close(fd);
        }
    }
}
