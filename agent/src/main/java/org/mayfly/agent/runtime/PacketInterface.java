package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * The interface that packets come in by.
 *
 * @param index its number: another one when it was made anew
 * @param address frames to others are not for this host
 */
record PacketInterface(String name, int index, LinkLayerAddress address) {
    /** {@code linux/if_arp.h}. */
    private static final int ARPHRD_ETHER = 1;

    /**
     * That of the doors, or the one that the default route leads to, if no frames arrive on that of the doors. In the
     * network namespace of the calling thread.
     *
     * @return null if neither is an Ethernet interface
     */
    static @Nullable PacketInterface find(String ofDoors) throws IOException {
        try (RouteNetlink route = RouteNetlink.open()) {
            List<Link> links = route.links();
            PacketInterface doors = links.stream()
                    .filter(l -> l.name().equals(ofDoors))
                    .map(PacketInterface::of)
                    .findFirst()
                    .orElse(null);
            return doors != null && doors.takesFrames(links) ? doors : ofDefaultRoute(route, links);
        }
    }

    private static PacketInterface of(Link link) {
        return new PacketInterface(link.name(), link.index(), link.address());
    }

    private boolean takesFrames(List<Link> links) {
        return links.stream()
                .anyMatch(l -> l.index() == index && l.type() == ARPHRD_ETHER && (l.flags() & Link.IFF_LOOPBACK) == 0);
    }

    private static @Nullable PacketInterface ofDefaultRoute(RouteNetlink route, List<Link> links) throws IOException {
        int standard = 0;
        long least = Long.MAX_VALUE;
        for (Route r : route.routes()) {
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
            PacketInterface found = of(link);
            if (link.index() == standard && found.takesFrames(links)) {
                return found;
            }
        }
        return null;
    }
}
