package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.config.Machine;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

class NetlinkMachineTest {
    /** A door is deprecated too, and would lead the next choice of a prefix back to where doors were. */
    @Test
    void doorsAreNoneOfTheHostsOwnAddresses() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            host.address("2001:db8:1::5/64", "eth0");
            host.run("ip", "address", "change", "2001:db8:1::5/64", "dev", "eth0", "preferred_lft", "0");
            host.run("ip", "address", "add", "2001:db8:1::77/128", "dev", "eth0", "nodad", "preferred_lft", "0");
            host.call(() -> {
                try (RouteNetlink route = RouteNetlink.open()) {
                    int index = route.link("eth0").orElseThrow().index();
                    for (int number : List.of(77, 200, 249)) { // ours, and those of other agents here
                        InetAddress door =
                                Ip6Address.parse("2001:db8:2::" + number).toInetAddress();
                        int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
                        route.replace(new Address(door, 128, flags, Address.SCOPE_UNIVERSE, index, 0, 900, number));
                    }
                }
                return null;
            });
            Machine machine = host.call(NetlinkMachine::look);
            assertEquals(
                    Set.of(
                            new Machine.Address("eth0", Ip6Address.parse("2001:db8:1::77"), 128, true, true),
                            new Machine.Address("eth0", Ip6Address.parse("2001:db8:1::5"), 64, true, true)),
                    Set.copyOf(machine.addresses()));
        }
    }
}
