package org.mayfly.agent.runtime;

import java.io.IOException;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Machine;
import org.mayfly.agent.translate.Nat64Targets;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteLookup;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * Asks the kernel where a packet from here would go; it knows of addresses that no interface shows. By a socket of its own,
 * so that it is no matter of the loop that owns the agent's. One thread at a time.
 */
final class OwnAddresses implements Nat64Targets.Own, AutoCloseable {
    private final RouteNetlink route;

    private OwnAddresses(RouteNetlink route) {
        this.route = route;
    }

    /** In the network namespace of the calling thread. */
    static OwnAddresses open() throws IOException {
        return new OwnAddresses(RouteNetlink.open());
    }

    /** Holds a configuration against this machine. In the network namespace of the calling thread. */
    static void check(Configuration c, Machine machine, DoorChoice door) throws IOException, ConfigurationException {
        try (OwnAddresses own = open()) {
            c.check(machine, door, own::isOwn);
        }
    }

    @Override
    public boolean isOwn(Ip6Address address) {
        try {
            return route.lookup(RouteLookup.to(address.toInetAddress())).type() == Route.RTN_LOCAL;
        } catch (NetlinkException e) {
            return e.errno() != Errno.ENETUNREACH && e.errno() != Errno.EHOSTUNREACH;
        } catch (IOException e) {
            return true; // it cannot be told
        }
    }

    @Override
    public void close() {
        route.close();
    }
}
