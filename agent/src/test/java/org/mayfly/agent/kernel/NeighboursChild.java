package org.mayfly.agent.kernel;

import java.io.IOException;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.route.RouteNetlink;

/** A process to be started without CAP_NET_RAW: says why it cannot tell neighbours, and tries all the same. */
final class NeighboursChild {
    private NeighboursChild() {}

    /** @param args none */
    public static void main(String[] args) {
        try (RouteNetlink route = RouteNetlink.open();
                Neighbours neighbours = Neighbours.open(route)) {
            System.out.println(neighbours.isPossible());
            System.out.println(neighbours.why());
            Ip6Address loopback = Ip6Address.parse("::1");
            neighbours.announce(loopback, 1, loopback);
            System.out.println("announced");
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
