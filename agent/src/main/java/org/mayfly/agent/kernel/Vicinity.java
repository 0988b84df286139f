package org.mayfly.agent.kernel;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.Neighbour;
import org.mayfly.netlink.route.NeighbourFilter;
import org.mayfly.netlink.route.NextHop;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteFilter;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * Who is on a link with us.
 *
 * @param index of our interface
 * @param ourselves its MAC address; {@link LinkLayerAddress#NONE} where neighbours do not ask for one, as on a tunnel
 * @param routers the gateways of our routes, those of the shortest prefixes first, and then who else says that it is a
 *     router
 * @param onLink the prefixes whose addresses are on the link themselves
 */
record Vicinity(int index, LinkLayerAddress ourselves, Set<InetAddress> routers, Set<Ip6Prefix> onLink) {
    private static final int ARPHRD_ETHER = 1; // linux/if_arp.h
    private static final int IFF_NOARP = 0x80; // linux/if.h

    static Vicinity read(RouteNetlink kernel, int index) throws IOException {
        Optional<Link> link = kernel.link(index);
        if (link.isEmpty() || !isAskedForAddresses(link.get())) {
            return new Vicinity(index, LinkLayerAddress.NONE, Set.of(), Set.of());
        }
        List<Route> routes =
                kernel.routes(RouteFilter.of(Route.AF_INET6).withIndex(index).withType(Route.RTN_UNICAST));
        Set<InetAddress> routers = new LinkedHashSet<>();
        routes.stream()
                .sorted(Comparator.comparingInt(Route::length))
                .flatMap(r -> gateways(r, index))
                .forEach(routers::add);
        kernel.neighbours(new NeighbourFilter(Route.AF_INET6, index, 0, false)).stream()
                .filter(n -> (n.flags() & Neighbour.NTF_ROUTER) != 0 && n.state() != Neighbour.NUD_FAILED)
                .map(Neighbour::destination)
                .filter(Objects::nonNull)
                .forEach(routers::add);
        Set<Ip6Prefix> onLink = routes.stream()
                .map(r -> onLink(r, index))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        return new Vicinity(index, link.get().address(), routers, onLink);
    }

    private static boolean isAskedForAddresses(Link link) {
        return link.type() == ARPHRD_ETHER && (link.flags() & IFF_NOARP) == 0;
    }

    /** Those on our link. */
    private static Stream<InetAddress> gateways(Route route, int index) {
        Stream<@Nullable InetAddress> all = Stream.concat(
                Stream.of(route).filter(r -> r.index() == index).map(Route::gateway),
                route.nextHops().stream().filter(n -> n.index() == index).map(NextHop::gateway));
        return all.filter(Inet6Address.class::isInstance).map(InetAddress.class::cast);
    }

    /** What the route says is on the link; null if it leads elsewhere. */
    private static @Nullable Ip6Prefix onLink(Route route, int index) {
        if (route.index() != index || route.gateway() != null) {
            return null;
        }
        InetAddress destination = route.destination();
        Ip6Address first = destination == null ? Ip6Address.UNSPECIFIED : Ip6Address.of(destination);
        return Ip6Prefix.around(first, route.length());
    }

    /** Whether an address is on the link itself, and no router between. */
    boolean isOnLink(Ip6Address address) {
        return !address.isIpv4() && !address.isUnspecified() && onLink.stream().anyMatch(p -> p.contains(address));
    }

    /** Whether a route that is new leads to somebody who is not here yet. */
    boolean isNews(Route route) {
        if (route.family() != Route.AF_INET6 || route.type() != Route.RTN_UNICAST) {
            return false; // such as the local route of a door
        }
        Ip6Prefix prefix = onLink(route, index);
        return prefix != null && !onLink.contains(prefix)
                || gateways(route, index).anyMatch(g -> !routers.contains(g));
    }
}
