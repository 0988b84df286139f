package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

final class Rfc6052Test {
    /** The tables of RFC 6052, 2.4. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8::/32,             2001:db8:c000:221::",
        "2001:db8:100::/40,         2001:db8:1c0:2:21::",
        "2001:db8:122::/48,         2001:db8:122:c000:2:2100::",
        "2001:db8:122:300::/56,     2001:db8:122:3c0:0:221::",
        "2001:db8:122:344::/64,     2001:db8:122:344:c0:2:2100::",
        "2001:db8:122:344::/96,     2001:db8:122:344::192.0.2.33",
        "64:ff9b::/96,              64:ff9b::192.0.2.33"
    })
    void theAddressesOfTheSpecification(String prefix, String address) {
        Rfc6052 format = new Rfc6052(Ip6Prefix.parse(prefix));
        Ip6Address ipv4 = Ip6Address.parse("192.0.2.33");
        assertEquals(Ip6Address.parse(address), format.embed(ipv4));
        assertEquals(Optional.of(ipv4), format.extract(Ip6Address.parse(address)));
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 40, 48, 56, 64, 96})
    void everyAddressComesBackAndTheOctetUStaysZero(int length) {
        Rfc6052 format = new Rfc6052(Ip6Prefix.around(Ip6Address.parse("2001:db8:122:344::"), length));
        Random random = new Random(6052);
        for (int i = 0; i < 1000; i++) {
            byte[] bytes = new byte[4];
            random.nextBytes(bytes);
            Ip6Address ipv4 = Ip6Address.of(bytes);
            Ip6Address embedded = format.embed(ipv4);
            assertEquals(Optional.of(ipv4), format.extract(embedded));
            assertEquals(0, embedded.toBytes()[8]);
            assertTrue(format.prefix().contains(embedded));
        }
    }

    @Test
    void whatIsNotInThePrefixStandsForNothing() {
        Rfc6052 format = new Rfc6052(Rfc6052.WELL_KNOWN);
        assertEquals(Optional.empty(), format.extract(Ip6Address.parse("64:ff9b:1::c000:221")));
        assertEquals(Optional.empty(), format.extract(Ip6Address.parse("192.0.2.33")));
    }

    @Test
    void theSuffixIsNotLookedAt() {
        Rfc6052 format = new Rfc6052(Ip6Prefix.parse("2001:db8::/32"));
        assertEquals(
                Optional.of(Ip6Address.parse("192.0.2.33")),
                format.extract(Ip6Address.parse("2001:db8:c000:221:ff00::1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001:db8::/33", "::/0", "2001:db8::1/128", "2001:db8::/95"})
    void otherLengthsAreRefused(String prefix) {
        Ip6Prefix odd = Ip6Prefix.parse(prefix);
        String why = assertThrows(IllegalArgumentException.class, () -> new Rfc6052(odd))
                .toString();
        assertTrue(why.contains(prefix) && why.contains("32, 40, 48, 56, 64 and 96"), why);
    }

    @Test
    void aPrefixThatFillsTheOctetUIsRefused() {
        Ip6Prefix odd = Ip6Prefix.parse("2001:db8:0:0:100::/96");
        assertThrows(IllegalArgumentException.class, () -> new Rfc6052(odd));
    }
}
