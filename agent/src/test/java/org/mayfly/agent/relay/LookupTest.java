package org.mayfly.agent.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab;

/** What a name may not stand for. */
final class LookupTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, true",
        "0.1.2.3, true",
        "127.0.0.1, true",
        "127.8.9.1, true",
        "10.1.2.3, true",
        "172.16.0.1, true",
        "172.32.0.1, false",
        "192.168.7.7, true",
        "100.64.1.1, true",
        "100.128.1.1, false",
        "169.254.169.254, true",
        "224.0.0.1, true",
        "255.255.255.255, true",
        "8.8.8.8, false",
        "::, true",
        "::1, true",
        "fe80::1, true",
        "fd00::1, true",
        "fc01::1, true",
        "ff02::1, true",
        "2600::1, false"
    })
    void isOfTheInside(String address, boolean inside) {
        assertEquals(inside, Lookup.isInside(RelayWorld.literal(address)));
    }

    /** As a resolver has it that does not make IPv4 of it. */
    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "10.1.2.3, true", "169.254.1.1, true", "8.8.8.8, false"})
    void isOfTheInsideInItsMappedFormToo(String address, boolean inside) throws Exception {
        byte[] mapped = Ip6Address.parse(address).toBytes();
        assertEquals(16, mapped.length);
        assertEquals(inside, Lookup.isInside(Inet6Address.getByAddress(null, mapped, -1)), Arrays.toString(mapped));
    }

    /** As the prefixes of doors are. */
    @Test
    void anAddressThatNoInterfaceShowsIsThisHostsAllTheSame() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.run("ip", "-6", "route", "add", "local", "2001:db8:77::/64", "dev", "lo");
            InetAddress door = RelayWorld.literal("2001:db8:77::1234");
            InetAddress other = RelayWorld.literal("2001:db8:78::1234");
            assertTrue(host.call(() -> Lookup.isInside(door)));
            assertFalse(host.call(() -> Lookup.isInside(other)));
        }
    }
}
