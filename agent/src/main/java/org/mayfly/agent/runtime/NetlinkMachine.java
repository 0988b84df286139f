package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.mayfly.agent.config.Machine;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteNetlink;

/** Looks at the machine's interfaces, addresses and routes. */
final class NetlinkMachine {
    private static final int NOT_STABLE = Address.IFA_F_TEMPORARY | Address.IFA_F_TENTATIVE;

    private NetlinkMachine() {}

    /** In the network namespace of the calling thread. */
    static Machine look() throws IOException {
        try (RouteNetlink route = RouteNetlink.open()) {
            Map<Integer, String> names = route.links().stream().collect(Collectors.toMap(Link::index, Link::name));
            List<Machine.Address> addresses = new ArrayList<>();
            List<Machine.OnLink> onLink = new ArrayList<>();
            for (Address a : route.addresses()) {
                byte[] bytes = a.address().getAddress();
                String name = names.get(a.index());
                if (bytes.length == 16
                        && a.scope() == Address.SCOPE_UNIVERSE
                        && name != null
                        && !NetlinkKernel.isDoor(a)) {
                    Ip6Address address = Ip6Address.of(bytes);
                    addresses.add(new Machine.Address(
                            name,
                            address,
                            a.prefixLength(),
                            (a.flags() & NOT_STABLE) == 0,
                            (a.flags() & Address.IFA_F_DEPRECATED) != 0));
                    if (a.prefixLength() < 128) {
                        onLink.add(new Machine.OnLink(name, Ip6Prefix.around(address, a.prefixLength())));
                    }
                }
            }
            String standard = null;
            long least = Long.MAX_VALUE;
            for (Route r : route.routes()) {
                String name = names.get(r.index());
                if (r.type() != Route.RTN_UNICAST || r.table() != Route.RT_TABLE_MAIN || name == null) {
                    continue;
                }
                long metric = Integer.toUnsignedLong(r.priority());
                if (r.length() == 0 && metric < least) {
                    standard = name;
                    least = metric;
                } else if (r.gateway() == null && r.destination() != null && r.length() < 128) {
                    Ip6Address destination = Ip6Address.of(r.destination());
                    if (destination.high() >>> 54 != 0xfe80 >>> 6) { // fe80::/10 is on every link
                        onLink.add(new Machine.OnLink(name, Ip6Prefix.around(destination, r.length())));
                    }
                }
            }
            return new Machine(List.copyOf(names.values()), addresses, onLink, standard);
        }
    }
}
