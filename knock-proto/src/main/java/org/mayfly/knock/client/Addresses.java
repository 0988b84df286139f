package org.mayfly.knock.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/** Questions to the system about addresses: names, routes, and which are ours. Nothing here sends a packet to a server. */
final class Addresses {
    /** 100.64.0.0/10: addresses behind a provider's NAT, RFC 6598. */
    private static final int SHARED_SPACE = 100 << 24 | 64 << 16;

    private static final int SHARED_MASK = 0xffc0_0000;

    private Addresses() {}

    static List<InetAddress> resolve(String host) throws Failure {
        try {
            return Arrays.asList(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw Failure.failed("the name " + host + " has no address: check it, and this machine's name service");
        }
    }

    static StandardProtocolFamily family(InetAddress a) {
        return a.getAddress().length == 4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    static StandardProtocolFamily other(StandardProtocolFamily f) {
        return f == StandardProtocolFamily.INET ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    /**
     * The first so many, alternately of either family as long as there are both, so that where one is broken little time
     * goes by before the other is tried (RFC 8305, 4). Within a family they keep their order.
     */
    static List<InetAddress> alternating(List<InetAddress> all, StandardProtocolFamily first, int most) {
        Deque<InetAddress> these = new ArrayDeque<>();
        Deque<InetAddress> those = new ArrayDeque<>();
        all.forEach(a -> (family(a) == first ? these : those).add(a));
        List<InetAddress> mixed = new ArrayList<>();
        while (mixed.size() < most && !(these.isEmpty() && those.isEmpty())) {
            boolean turn = mixed.size() % 2 == 0;
            mixed.add((those.isEmpty() || turn && !these.isEmpty() ? these : those).remove());
        }
        return mixed;
    }

    /** What the system would send from; null if it has no route there. Connecting a UDP socket sends nothing. */
    static @Nullable InetAddress sourceTowards(InetAddress target) {
        try (DatagramChannel c = DatagramChannel.open(family(target))) {
            c.connect(new InetSocketAddress(target, 9));
            return c.getLocalAddress() instanceof InetSocketAddress a
                            && !a.getAddress().isAnyLocalAddress()
                    ? a.getAddress()
                    : null;
        } catch (IOException | UnsupportedOperationException e) {
            return null; // no route, or this machine has none of that family
        }
    }

    /** The address of one of our interfaces, so that a socket can be bound to it; null if it is another machine's. */
    static @Nullable InetAddress ofThisMachine(Ip6Address a) {
        InetAddress address = a.toInetAddress();
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null ? address : null;
        } catch (SocketException e) {
            return null;
        }
    }

    /** Whether a NAT has to stand between the two: ours is private, the server's is not. */
    static boolean behindNat(InetAddress ours, InetAddress server) {
        return isPrivate(ours) && !isPrivate(server);
    }

    private static boolean isPrivate(InetAddress a) {
        byte[] b = a.getAddress();
        boolean shared = b.length == 4 && ((int) Ip6Address.of(b).low() & SHARED_MASK) == SHARED_SPACE;
        return shared || a.isSiteLocalAddress() || a.isLinkLocalAddress() || a.isLoopbackAddress();
    }
}
