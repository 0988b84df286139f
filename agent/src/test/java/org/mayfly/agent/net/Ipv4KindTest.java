package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.Ip6Address;

final class Ipv4KindTest {
    @ParameterizedTest
    @CsvSource({
        "0.1.2.3,         LOCAL",
        "1.1.1.1,         GLOBAL",
        "9.255.255.255,   GLOBAL",
        "10.0.0.0,        PRIVATE",
        "10.255.255.255,  PRIVATE",
        "11.0.0.0,        GLOBAL",
        "100.63.255.255,  GLOBAL",
        "100.64.0.0,      PRIVATE",
        "100.127.255.255, PRIVATE",
        "100.128.0.0,     GLOBAL",
        "127.0.0.1,       LOCAL",
        "169.254.169.254, LOCAL",
        "172.15.255.255,  GLOBAL",
        "172.16.0.1,      PRIVATE",
        "172.32.0.1,      GLOBAL",
        "192.0.0.170,     SPECIAL",
        "192.0.1.1,       GLOBAL",
        "192.0.2.33,      SPECIAL",
        "192.168.1.1,     PRIVATE",
        "198.19.255.255,  SPECIAL",
        "198.51.100.7,    SPECIAL",
        "203.0.113.7,     SPECIAL",
        "223.255.255.255, GLOBAL",
        "224.0.0.1,       LOCAL",
        "255.255.255.255, LOCAL"
    })
    void isOfAKind(String address, Ipv4Kind kind) {
        assertEquals(kind, Ipv4Kind.of(Ip6Address.parse(address)));
    }
}
