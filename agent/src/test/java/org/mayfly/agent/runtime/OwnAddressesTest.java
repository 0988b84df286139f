package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab;

final class OwnAddressesTest {
    @Test
    void areThoseOfInterfacesAndOfRoutes() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            host.address("2001:db8:1::5/64", "eth0");
            host.address("192.0.2.1/24", "eth0");
            host.run("ip", "-6", "route", "add", "local", "2001:db8:d::/64", "dev", "lo");
            host.run("ip", "-6", "route", "add", "unreachable", "2001:db8:e::/64");
            try (OwnAddresses own = host.call(OwnAddresses::open)) {
                for (String text : List.of("2001:db8:1::5", "192.0.2.1", "127.0.0.2", "::1", "2001:db8:d::77")) {
                    assertTrue(own.isOwn(Ip6Address.parse(text)), text);
                }
                for (String text : List.of("2001:db8:1::6", "192.0.2.7", "2001:db8:e::1", "198.51.100.1")) {
                    assertFalse(own.isOwn(Ip6Address.parse(text)), text);
                }
            }
        }
    }
}
