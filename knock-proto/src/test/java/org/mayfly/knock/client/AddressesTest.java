package org.mayfly.knock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;

/** RFC 8305, 4: one of the preferred family, one of the other, and so on. */
class AddressesTest {
    @Test
    void familiesTakeTurns() {
        assertEquals(List.of("2001:db8::1", "192.0.2.1"), alternating("192.0.2.1", "2001:db8::1"));
        assertEquals(
                List.of("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"),
                alternating("2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2", "192.0.2.3"));
    }

    @Test
    void whereThereAreNoMoreOfOneTheOtherGoesOn() {
        assertEquals(
                List.of("2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"),
                alternating("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "192.0.2.1"));
        assertEquals(List.of("192.0.2.1", "192.0.2.2"), alternating("192.0.2.1", "192.0.2.2"));
        assertEquals(List.of(), alternating());
    }

    private static List<String> alternating(String... all) {
        List<InetAddress> addresses =
                Arrays.stream(all).map(a -> Ip6Address.parse(a).toInetAddress()).toList();
        return Addresses.alternating(addresses, StandardProtocolFamily.INET6, 4).stream()
                .map(a -> Ip6Address.of(a).toString())
                .collect(Collectors.toList());
    }
}
