package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * The interface that packets come in by.
 *
 * @param index its number: another one when it was made anew
 * @param address frames to others are not for this host
 * @param program {@code IFLA_XDP} as the kernel tells it: whether an XDP program is there, and which; empty if it does not
 */
record PacketInterface(String name, int index, LinkLayerAddress address, Bytes program) {
    /** {@code linux/if_arp.h}. */
    private static final int ARPHRD_ETHER = 1;

    /** {@code linux/if_link.h}. */
    private static final int IFLA_XDP = 43;

    /** {@code NLA_TYPE_MASK}. */
    private static final int TYPE = 0x3fff;

    /** Swallows what is sent, and nothing ever comes in by it: something to put addresses on. */
    private static final String DUMMY = "dummy";

    /**
     * That of the doors, or the one that the default route leads to, if no frames arrive on that of the doors: the one for
     * IPv6, or else for IPv4. In the network namespace of the calling thread.
     *
     * @return null if neither is an Ethernet interface
     */
    static @Nullable PacketInterface find(String ofDoors) throws IOException {
        try (RouteNetlink route = RouteNetlink.open()) {
            List<Link> links = route.links();
            Link found = links.stream()
                    .filter(l -> l.name().equals(ofDoors) && takesFrames(l))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                found = ofDefaultRoute(route.routes(Route.AF_INET6), links);
            }
            if (found == null) {
                found = ofDefaultRoute(route.routes(Route.AF_INET), links);
            }
            return found == null ? null : of(found);
        }
    }

    private static PacketInterface of(Link link) {
        Bytes program = link.unknown().stream()
                .filter(a -> (a.type() & TYPE) == IFLA_XDP)
                .map(RawAttribute::value)
                .findFirst()
                .orElse(Bytes.EMPTY);
        return new PacketInterface(link.name(), link.index(), link.address(), program);
    }

    private static boolean takesFrames(Link link) {
        return link.type() == ARPHRD_ETHER
                && !link.isLoopback()
                && !link.kind().name().equals(DUMMY);
    }

    private static @Nullable Link ofDefaultRoute(List<Route> routes, List<Link> links) {
        int standard = 0;
        long least = Long.MAX_VALUE;
        for (Route r : routes) {
            long metric = Integer.toUnsignedLong(r.priority());
            if (r.type() == Route.RTN_UNICAST
                    && r.table() == Route.RT_TABLE_MAIN
                    && r.length() == 0
                    && metric < least) {
                standard = r.index();
                least = metric;
            }
        }
        for (Link link : links) {
            if (link.index() == standard && takesFrames(link)) {
                return link;
            }
        }
        return null;
    }

    /** Whether a program that is on the one is on the other, and sees the same frames. */
    boolean isSamePlace(PacketInterface other) {
        return index == other.index && name.equals(other.name) && address.equals(other.address);
    }
}
