package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;

/**
 * What a router tells a link (RFC 4861, 4.2 and 4.6.2): that it is one, and of which prefix the link is.
 *
 * <pre>
 *  | type 134 | code 0 | checksum, the kernel's    |
 *  | hop limit | flags | router lifetime in s      |
 *  | reachable time                                |
 *  | retransmission timer                          |
 *  | option 3 | length 4 | prefix length | L A     |
 *  | valid lifetime in s                           |
 *  | preferred lifetime in s                       |
 *  | reserved                                      |
 *  | prefix, 16 bytes                              |
 * </pre>
 *
 * @param routerSeconds for how long it is a default router
 * @param preference of it among others (RFC 4191): 0 medium, 1 high, 3 low
 */
record RouterAdvertisement(
        InetAddress prefix, int length, int validSeconds, int preferredSeconds, int routerSeconds, int preference) {
    private static final int ON_LINK_AND_AUTONOMOUS = 0xc0;

    private static final int AF_INET6 = 10;
    private static final int SOCK_RAW = 3;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MULTICAST_HOPS = 18;

    /** Hosts take it from nobody who is further away. */
    private static final int HOPS = 255;

    /** Signatures as in the man pages, section 2. */
    public interface Calls {
        int socket(int domain, int type, int protocol);

        int setsockopt(int fd, int level, int option, ByteBuffer value, int length);

        int connect(int fd, ByteBuffer address, int length);

        long send(int fd, ByteBuffer buffer, long length, int flags);

        int close(int fd);
    }

    /** Sends it to all hosts of a link, from the namespace of the calling thread. */
    void send(int index) {
        Calls libc = LibraryLoader.create(Calls.class).load("c");
        int fd = libc.socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
        assertTrue(fd >= 0, "no raw socket");
        try {
            assertEquals(
                    0,
                    libc.setsockopt(
                            fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, direct(4).putInt(0, HOPS), 4));
            assertEquals(0, libc.connect(fd, allNodes(index), 28));
            ByteBuffer bytes = bytes();
            assertEquals(bytes.capacity(), libc.send(fd, bytes, bytes.capacity(), 0));
        } finally {
            libc.close(fd);
        }
    }

    /** {@code struct sockaddr_in6} of ff02::1 on an interface. */
    private static ByteBuffer allNodes(int index) {
        ByteBuffer b = direct(28).putShort(0, (short) AF_INET6);
        b.put(8, (byte) 0xff).put(9, (byte) 0x02).put(23, (byte) 1);
        return b.putInt(24, index);
    }

    private ByteBuffer bytes() {
        ByteBuffer b = direct(48).order(ByteOrder.BIG_ENDIAN);
        b.put((byte) 134).put((byte) 0).putShort((short) 0);
        b.put((byte) 64).put((byte) (preference << 3)).putShort((short) routerSeconds);
        b.putInt(0).putInt(0);
        b.put((byte) 3).put((byte) 4).put((byte) length).put((byte) ON_LINK_AND_AUTONOMOUS);
        b.putInt(validSeconds).putInt(preferredSeconds).putInt(0).put(prefix.getAddress());
        return b.flip();
    }

    private static ByteBuffer direct(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }
}
