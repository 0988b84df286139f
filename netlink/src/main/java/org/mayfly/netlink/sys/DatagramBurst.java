package org.mayfly.netlink.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/**
 * Memory for some datagrams, which are taken from one socket with one recvmmsg(2) and sent on through another with one
 * sendmmsg(2), out of the same bytes: nothing is copied in between, and nothing is allocated for a datagram. Of each it
 * tells where it came from and, for a socket of {@link UdpDescriptor#listening}, where it was sent to. Serves any number of
 * sockets, one after the other; one thread uses it. Source: recvmmsg(2), sendmmsg(2), cmsg(3), ipv6(7), ip(7); the layouts
 * are those of 64-bit Linux.
 *
 * <pre>
 *  struct mmsghdr:       | name u64 | namelen u32 | pad u32 | iov u64 | iovlen u64 | control u64 | controllen u64 |
 *                        | flags s32 | pad u32 | len u32 | pad u32 |
 *  struct iovec:         | base u64 | length u64 |
 *  struct cmsghdr:       | len u64 | level s32 | type s32 | data
 *  struct in6_pktinfo:   | address, 16 bytes | ifindex u32 |
 *  struct in_pktinfo:    | ifindex s32 | spec_dst, 4 bytes | address, 4 bytes |
 *
 *  memory, for each of n:  | mmsghdr in | mmsghdr out | iovec in | iovec out | name, 32 | control, 64 | slot |
 * </pre>
 */
public final class DatagramBurst {
    private static final int AF_INET6 = 10;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_PKTINFO = 50;

    private static final int MMSGHDR = 64;
    private static final int NAMELEN_OFFSET = 8;
    private static final int IOV_OFFSET = 16;
    private static final int IOVLEN_OFFSET = 24;
    private static final int CONTROL_OFFSET = 32;
    private static final int CONTROLLEN_OFFSET = 40;
    private static final int LEN_OFFSET = 56;

    private static final int IOVEC = 16;
    private static final int IOVEC_LENGTH_OFFSET = 8;

    private static final int CMSG_LEVEL_OFFSET = 8;
    private static final int CMSG_TYPE_OFFSET = 12;
    private static final int CMSG_DATA_OFFSET = 16;
    private static final int IN_SPEC_DST_OFFSET = CMSG_DATA_OFFSET + 4;
    private static final int IN_ADDRESS_OFFSET = CMSG_DATA_OFFSET + 8;

    private static final int NAME_PORT_OFFSET = 2;
    private static final int NAME_IN_ADDRESS_OFFSET = 4;
    private static final int NAME_IN6_HIGH_OFFSET = 8;
    private static final int NAME_IN6_LOW_OFFSET = 16;
    private static final int NAME_SCOPE_OFFSET = 24;

    /** {@code ::ffff:0.0.0.0} (RFC 4291, 2.5.5.2), its lower half. */
    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    /** The longest payload that UDP has over either protocol, jumbograms apart, and a bit. */
    public static final int LONGEST = 65536;

    /** So many errors that are not the socket's own are passed over in one call: more are no accident. */
    private static final int ERRORS = 16;

    private static final int NAME = 32;
    private static final int CONTROL = 64;

    private final int size;
    private final int slot;
    private final int outAt;
    private final int iovecsAt;
    private final int outIovecsAt;
    private final int namesAt;
    private final int controlsAt;
    private final int slotsAt;
    private final ByteBuffer memory;

    /** The same memory in the byte order of addresses on the wire. */
    private final ByteBuffer wire;

    private final long at;

    /** How many headers the kernel has written to. */
    private int used;

    private long errors;

    /**
     * @param size the most datagrams of one call
     * @param room for the bytes of a datagram; of a longer one the rest is lost
     */
    public DatagramBurst(int size, int room) {
        this.size = size;
        this.slot = (room + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        this.outAt = size * MMSGHDR;
        this.iovecsAt = outAt + size * MMSGHDR;
        this.outIovecsAt = iovecsAt + size * IOVEC;
        this.namesAt = outIovecsAt + size * IOVEC;
        this.controlsAt = namesAt + size * NAME;
        this.slotsAt = controlsAt + size * CONTROL;
        this.memory = ByteBuffer.allocateDirect(slotsAt + size * slot).order(ByteOrder.nativeOrder());
        this.wire = memory.duplicate().order(ByteOrder.BIG_ENDIAN);
        this.at = Libc.address(memory);
        for (int i = 0; i < size; i++) {
            long bytes = at + slot(i);
            header(i * MMSGHDR, iovecsAt + i * IOVEC, bytes);
            memory.putLong(i * MMSGHDR, at + name(i)).putLong(i * MMSGHDR + CONTROL_OFFSET, at + control(i));
            memory.putLong(iovecsAt + i * IOVEC + IOVEC_LENGTH_OFFSET, room);
            ready(i);
            header(outAt + i * MMSGHDR, outIovecsAt + i * IOVEC, bytes); // with no name: the socket is connected
        }
    }

    private void header(int header, int iovec, long bytes) {
        memory.putLong(header + IOV_OFFSET, at + iovec)
                .putLong(header + IOVLEN_OFFSET, 1)
                .putLong(iovec, bytes);
    }

    /** Says how much room there is, where the kernel has written how much it has used. */
    private void ready(int i) {
        memory.putInt(i * MMSGHDR + NAMELEN_OFFSET, NAME).putLong(i * MMSGHDR + CONTROLLEN_OFFSET, CONTROL);
    }

    private int name(int i) {
        return namesAt + i * NAME;
    }

    private int control(int i) {
        return controlsAt + i * CONTROL;
    }

    private int slot(int i) {
        return slotsAt + i * slot;
    }

    /** The most datagrams of one call. */
    public int size() {
        return size;
    }

    /**
     * Takes what is there, in place of what was here. An error that an ICMP message left on the socket is counted and passed
     * over. Never waits.
     *
     * @return how many; fewer than {@link #size} if nothing else is there at this moment
     * @throws NetlinkException if the socket cannot be read: {@code ECONNABORTED} if it was destroyed by SOCK_DESTROY
     */
    public int receive(int fd) throws NetlinkException {
        for (int i = 0; i < used; i++) {
            ready(i);
        }
        used = 0;
        for (int passed = 0; ; passed++) {
            int count = Libc.CALLS.recvmmsg(fd, at, size, MSG_DONTWAIT, 0);
            if (count >= 0) {
                used = count;
                return count;
            }
            int errno = Libc.errno();
            if (errno == Errno.EAGAIN) {
                return 0;
            }
            if (passed == ERRORS || errno != Errno.EINTR && !DatagramReceiver.isOfIcmp(errno)) {
                throw new NetlinkException("recvmmsg", errno);
            }
            errors += errno == Errno.EINTR ? 0 : 1;
        }
    }

    /**
     * Sends some of those that are here through a connected socket, in their order. Never waits: where there is no room, the
     * rest is lost. One that is too long, or that a firewall of this host drops, is lost alone. An error that an ICMP message
     * left on the socket is counted, and what it kept from being sent is sent.
     *
     * @param from the first
     * @param to behind the last
     * @return how many were sent
     * @throws NetlinkException if nothing can be sent by this socket: {@code ECONNABORTED} if it was destroyed by
     *     SOCK_DESTROY
     */
    public int send(int fd, int from, int to) throws NetlinkException {
        for (int i = from; i < to; i++) {
            memory.putLong(outIovecsAt + i * IOVEC + IOVEC_LENGTH_OFFSET, length(i));
        }
        int sent = 0;
        boolean again = false;
        for (int next = from; next < to; ) {
            int count =
                    Libc.CALLS.sendmmsg(fd, at + outAt + (long) next * MMSGHDR, to - next, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (count >= 0) {
                sent += count;
                next += count;
                again = false;
                continue;
            }
            int errno = Libc.errno();
            if (isNoRoom(errno)) {
                break;
            }
            boolean icmp = DatagramReceiver.isOfIcmp(errno);
            if (!icmp && errno != Errno.EPERM && errno != Errno.EINTR) {
                throw new NetlinkException("sendmmsg", errno);
            }
            // What is reported is what became of an earlier one; told once, it may be about this one.
            if (errno == Errno.EPERM || icmp && again) {
                next++;
                again = false;
            } else if (icmp) {
                errors++;
                again = true;
            }
        }
        return sent;
    }

    private static boolean isNoRoom(int errno) {
        return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.ENOMEM;
    }

    /** How many errors ICMP messages have left on the sockets: the far end had no listener, for one. */
    public long errors() {
        return errors;
    }

    /** How many bytes a datagram has. */
    public int length(int index) {
        return memory.getInt(index * MMSGHDR + LEN_OFFSET);
    }

    /** Copies a datagram's bytes to the position of a buffer, which does not move. */
    public void copy(int index, ByteBuffer into) {
        into.put(into.position(), memory, slot(index), length(index));
    }

    /** Makes the remaining bytes of a buffer the datagram at a place; they stay remaining. */
    public void put(int index, ByteBuffer bytes) {
        memory.put(slot(index), bytes, bytes.position(), bytes.remaining());
        memory.putInt(index * MMSGHDR + LEN_OFFSET, bytes.remaining());
    }

    private boolean isIpv6(int index) {
        return memory.getShort(name(index)) == AF_INET6;
    }

    /** First half of the address that it came from; 0 if that is IPv4. */
    public long sourceHigh(int index) {
        return isIpv6(index) ? wire.getLong(name(index) + NAME_IN6_HIGH_OFFSET) : 0;
    }

    /** Second half of the address that it came from; IPv4 in mapped form. */
    public long sourceLow(int index) {
        return isIpv6(index)
                ? wire.getLong(name(index) + NAME_IN6_LOW_OFFSET)
                : mapped(wire.getInt(name(index) + NAME_IN_ADDRESS_OFFSET));
    }

    /** The port that it came from. */
    public int sourcePort(int index) {
        return Short.toUnsignedInt(wire.getShort(name(index) + NAME_PORT_OFFSET));
    }

    /** The interface that the address is on that it came from, if that is a link-local one; else 0. */
    public int sourceScope(int index) {
        return isIpv6(index) ? memory.getInt(name(index) + NAME_SCOPE_OFFSET) : 0;
    }

    /** First half of the address that it was sent to; 0 if that is IPv4, or not told. */
    public long destinationHigh(int index) {
        return tells(index, IPPROTO_IPV6, IPV6_PKTINFO) ? wire.getLong(control(index) + CMSG_DATA_OFFSET) : 0;
    }

    /** Second half of the address that it was sent to, IPv4 in mapped form; 0 if not told, or to a broadcast address. */
    public long destinationLow(int index) {
        int control = control(index);
        if (tells(index, IPPROTO_IPV6, IPV6_PKTINFO)) {
            return wire.getLong(control + CMSG_DATA_OFFSET + Long.BYTES);
        }
        if (tells(index, IPPROTO_IP, IP_PKTINFO)) {
            int address = wire.getInt(control + IN_ADDRESS_OFFSET);
            return address == wire.getInt(control + IN_SPEC_DST_OFFSET) ? mapped(address) : 0;
        }
        return 0;
    }

    /** Whether its control message is that one: it is asked for alone, so it is the first. */
    private boolean tells(int index, int level, int type) {
        int control = control(index);
        return memory.getLong(index * MMSGHDR + CONTROLLEN_OFFSET) > CMSG_DATA_OFFSET
                && memory.getInt(control + CMSG_LEVEL_OFFSET) == level
                && memory.getInt(control + CMSG_TYPE_OFFSET) == type;
    }

    private static long mapped(int ipv4) {
        return IPV4_MAPPED | Integer.toUnsignedLong(ipv4);
    }
}
