package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/** Takes datagrams of the kernel from a socket that is connected to it. */
final class Receiver {
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;

    /** Scratch memory: the sender's sockaddr_nl at 0, iovec at 16, msghdr at 32. */
    private static final int IOVEC_AT = 16;

    private static final int MSGHDR_AT = 32;
    private static final int MSGHDR = 56;

    private final ByteBuffer scratch =
            ByteBuffer.allocateDirect(MSGHDR_AT + MSGHDR).order(ByteOrder.nativeOrder());
    private final long at = Libc.address(scratch);
    private final NativeAddress address = new NativeAddress();
    private final int fd;
    private boolean senders;

    Receiver(int fd) {
        this.fd = fd;
        scratch.putLong(MSGHDR_AT, at).putLong(MSGHDR_AT + 16, at + IOVEC_AT).putLong(MSGHDR_AT + 24, 1);
    }

    /** From now on there are groups, and what is sent to one may come from anybody who has CAP_NET_ADMIN. */
    void checkSenders() {
        senders = true;
    }

    /**
     * Takes one datagram, if there is one.
     *
     * @param direct filled from its beginning; its limit becomes the length
     * @throws NetlinkException with {@code ENOBUFS} if datagrams were lost, {@code EMSGSIZE} if one was too long
     */
    boolean receive(ByteBuffer direct) throws IOException {
        while (true) {
            long n = senders ? fromAGroup(direct) : fromTheKernel(direct);
            if (n > direct.capacity()) {
                String size = "a datagram of more than " + direct.capacity() + " bytes";
                throw new NetlinkException("recvmsg", Errno.EMSGSIZE, size, 0);
            }
            if (n >= 0) {
                direct.limit((int) n).position(0);
                return true;
            }
            int errno = Libc.errno();
            if (errno == Errno.EAGAIN) {
                return false;
            }
            if (errno != Errno.EINTR) {
                throw new NetlinkException("recvmsg", errno);
            }
        }
    }

    /**
     * Nobody else can send to a socket that is connected to the kernel ({@code netlink_getsockbyportid()} in {@code
     * net/netlink/af_netlink.c}). To ask for the sender all the same would cost a tenth of a round trip.
     */
    private long fromTheKernel(ByteBuffer direct) {
        return Libc.CALLS.recv(fd, address.of(direct), direct.capacity(), MSG_DONTWAIT | MSG_TRUNC);
    }

    /** Drops what others send. */
    private long fromAGroup(ByteBuffer direct) {
        long n;
        do {
            scratch.putLong(IOVEC_AT, address.of(direct)).putLong(IOVEC_AT + 8, direct.capacity());
            scratch.putInt(MSGHDR_AT + 8, NetlinkSocket.SOCKADDR_NL);
            n = Libc.CALLS.recvmsg(fd, at + MSGHDR_AT, MSG_DONTWAIT | MSG_TRUNC);
        } while (n >= 0 && scratch.getInt(4) != 0); // nl_pid: 0 is the kernel
        return n;
    }
}
