package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/**
 * Takes datagrams from a UDP socket, up to {@link #BURST} with one recvmmsg(2), into memory that is there from the
 * beginning: nothing is allocated for a packet. The bytes end up in one array, as what hashes them is much quicker with an
 * array than with a direct buffer. The descriptor stays its owner's, and one thread uses this. Source: recvmmsg(2),
 * recvmsg(2), ipv6(7), socket(7); the layouts are those of 64-bit Linux.
 *
 * <pre>
 *  struct mmsghdr:       | name u64 | namelen u32 | pad u32 | iov u64 | iovlen u64 | control u64 | controllen u64 |
 *                        | flags s32 | pad u32 | len u32 | pad u32 |
 *  struct iovec:         | base u64 | length u64 |
 *  struct sockaddr_in6:  | family u16 | port u16 | flowinfo u32 | address, 16 bytes | scope_id u32 |
 *  struct sockaddr_in:   | family u16 | port u16 | address u32 | zero, 8 bytes |
 *
 *  memory:               | 64 mmsghdr | 64 iovec | 64 names, 32 bytes each | 64 slots |
 *  block:                | 64 slots |
 * </pre>
 */
public final class DatagramReceiver {
    private static final int AF_UNIX = 1;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_MEMINFO = 55;
    private static final int MSG_DONTWAIT = 0x40;

    /** {@code SK_MEMINFO_DROPS} of {@code linux/sock_diag.h} is the last of nine. */
    private static final int MEMINFO = 9 * Integer.BYTES;

    private static final int MEMINFO_DROPS_OFFSET = 8 * Integer.BYTES;

    private static final int MMSGHDR = 64;
    private static final int NAMELEN_OFFSET = 8;
    private static final int IOV_OFFSET = 16;
    private static final int IOVLEN_OFFSET = 24;
    private static final int LEN_OFFSET = 56;

    private static final int IOVEC = 16;
    private static final int IOVEC_LENGTH_OFFSET = 8;

    private static final int SOCKADDR_IN6 = 28;
    private static final int IN6_HIGH_OFFSET = 8;
    private static final int IN6_LOW_OFFSET = 16;
    private static final int IN_ADDRESS_OFFSET = 4;

    /** {@code ::ffff:0.0.0.0} (RFC 4291, 2.5.5.2), its lower half. */
    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    /** The most datagrams of one call. */
    public static final int BURST = 64;

    /** So many errors that are not the socket's own are passed over in one call: more are no accident. */
    private static final int ERRORS = 16;

    private static final int NAME = 32;
    private static final int IOVECS_AT = BURST * MMSGHDR;
    private static final int NAMES_AT = IOVECS_AT + BURST * IOVEC;
    private static final int SLOTS_AT = NAMES_AT + BURST * NAME;

    private final int fd;
    private final int slot;
    private final ByteBuffer memory;

    /** The same memory in the byte order of addresses on the wire. */
    private final ByteBuffer wire;

    private final long at;
    private final byte[] block;
    private final ByteBuffer option = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    private final long optionAt = Libc.address(option);
    private long dropped;

    /**
     * @param fd of a datagram socket
     * @param room for the bytes of a datagram; of a longer one the rest is lost. With one byte more than a packet may
     *     have, one that is too long is told by its length
     */
    public DatagramReceiver(int fd, int room) {
        this.fd = fd;
        this.slot = (room + Long.BYTES - 1) / Long.BYTES * Long.BYTES; // words of a packet are aligned
        this.memory = ByteBuffer.allocateDirect(SLOTS_AT + BURST * slot).order(ByteOrder.nativeOrder());
        this.wire = memory.duplicate().order(ByteOrder.BIG_ENDIAN);
        this.at = Libc.address(memory);
        this.block = new byte[BURST * slot];
        for (int i = 0; i < BURST; i++) {
            int header = i * MMSGHDR;
            int iovec = IOVECS_AT + i * IOVEC;
            // The kernel writes back how long the name was: the same for all that one socket ever receives.
            memory.putLong(header, at + NAMES_AT + (long) i * NAME).putInt(header + NAMELEN_OFFSET, SOCKADDR_IN6);
            memory.putLong(header + IOV_OFFSET, at + iovec).putLong(header + IOVLEN_OFFSET, 1);
            memory.putLong(iovec, at + SLOTS_AT + (long) i * slot).putLong(iovec + IOVEC_LENGTH_OFFSET, room);
        }
    }

    /**
     * Tries whether this works here at all.
     *
     * @throws IOException if not: with a filter of system calls that knows no recvmmsg(2), or not on 64 bits
     * @throws LinkageError if jnr-ffi does not load
     */
    public static void probe() throws IOException {
        if (!Libc.is64Bit()) {
            throw new IOException("recvmmsg: not on 32 bits");
        }
        int fd = Libc.CALLS.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new NetlinkException("socket(AF_UNIX, SOCK_DGRAM)", Libc.errno());
        }
        try {
            new DatagramReceiver(fd, 1).receive(); // it is bound to nothing, so there is nothing
        } finally {
            Libc.CALLS.close(fd);
        }
    }

    /**
     * Takes what is there, up to {@link #BURST} datagrams. An error that an ICMP message left on the socket is passed over.
     * Never waits.
     *
     * @return how many; fewer than {@link #BURST} if nothing else is there at this moment
     * @throws NetlinkException if the socket cannot be read: {@code EBADF}, {@code ENOMEM} and their kind
     */
    public int receive() throws IOException {
        for (int errors = 0; ; errors++) {
            int count = Libc.CALLS.recvmmsg(fd, at, BURST, MSG_DONTWAIT, 0);
            if (count >= 0) {
                memory.get(SLOTS_AT, block, 0, count * slot); // once for all is quicker than each by itself
                return count;
            }
            int errno = Libc.errno();
            if (errno == Errno.EAGAIN) {
                return 0;
            }
            if (errors == ERRORS || errno != Errno.EINTR && !isOfIcmp(errno)) {
                throw new NetlinkException("recvmmsg", errno);
            }
        }
    }

    /**
     * What an ICMP message can leave on a socket: {@code icmp_err_convert} in {@code net/ipv4/icmp.c} and {@code
     * icmpv6_err_convert()} in {@code net/ipv6/icmp.c}. One that never sent anything gets none, but the kernel has ideas.
     */
    static boolean isOfIcmp(int errno) {
        return switch (errno) {
            case Errno.EACCES,
                    Errno.ECONNREFUSED,
                    Errno.EHOSTDOWN,
                    Errno.EHOSTUNREACH,
                    Errno.EMSGSIZE,
                    Errno.ENETUNREACH,
                    Errno.ENONET,
                    Errno.ENOPROTOOPT,
                    Errno.EOPNOTSUPP,
                    Errno.EPROTO -> true;
            default -> false;
        };
    }

    /** Holds all datagrams of the last {@link #receive}, until the next. It is always the same array. */
    public byte[] block() {
        return block;
    }

    /** Where in the {@link #block} a datagram of the last {@link #receive} begins. */
    public int offset(int index) {
        return index * slot;
    }

    /** How many bytes of it are in the {@link #block}. */
    public int length(int index) {
        return memory.getInt(index * MMSGHDR + LEN_OFFSET);
    }

    /** First half of the address that it came from; 0 if that is IPv4. */
    public long sourceHigh(int index) {
        int name = NAMES_AT + index * NAME;
        return memory.getShort(name) == AF_INET6 ? wire.getLong(name + IN6_HIGH_OFFSET) : 0;
    }

    /** Second half of the address that it came from; IPv4 in mapped form. */
    public long sourceLow(int index) {
        int name = NAMES_AT + index * NAME;
        return memory.getShort(name) == AF_INET6
                ? wire.getLong(name + IN6_LOW_OFFSET)
                : IPV4_MAPPED | Integer.toUnsignedLong(wire.getInt(name + IN_ADDRESS_OFFSET));
    }

    /**
     * Asks for a receive buffer, beyond {@code net.core.rmem_max} where that is allowed (CAP_NET_ADMIN).
     *
     * @param bytes as socket(7) counts what is asked for: the kernel doubles it, as it counts its own overhead in
     * @return how many there are now, counted in the same way
     */
    public int receiveBuffer(int bytes) throws IOException {
        option.putInt(0, bytes);
        if (Libc.CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, optionAt, Integer.BYTES) < 0) {
            Libc.CALLS.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, optionAt, Integer.BYTES);
        }
        read(SO_RCVBUF, Integer.BYTES, "getsockopt(SO_RCVBUF)");
        return option.getInt(0) / 2;
    }

    /**
     * How many datagrams the kernel has dropped at this socket, since there was no room for them, a filter of the socket did
     * not let them in, or their checksum was wrong. Asked for now and then: once in 2^32 drops at least.
     */
    public long dropped() throws IOException {
        read(SO_MEMINFO, MEMINFO, "getsockopt(SO_MEMINFO)");
        int now = option.getInt(MEMINFO_DROPS_OFFSET);
        dropped += Integer.toUnsignedLong(now - (int) dropped);
        return dropped;
    }

    private void read(int name, int length, String call) throws IOException {
        int lengthAt = option.capacity() - Integer.BYTES;
        option.putInt(lengthAt, length);
        if (Libc.CALLS.getsockopt(fd, SOL_SOCKET, name, optionAt, optionAt + lengthAt) < 0) {
            throw new NetlinkException(call, Libc.errno());
        }
    }
}
