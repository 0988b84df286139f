package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnrolmentTest {
    private static final String K = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    private static final String G = "EBESExQVFhcYGRobHB0eHw";
    private static final String I = "AAECAwQFBgcICQoLDA0ODw";
    private static final String GOLDEN = checked("mayfly://laptop@server.example:62201?s=ssh:22/tcp,dns:53/udp&k=" + K
            + "&g=" + G + "&i=" + I + "&p=2001:db8:1:2::/64");

    @Test
    void readsWhatItWrites() {
        Enrolment e = Enrolment.parse(GOLDEN);
        assertEquals("laptop", e.client());
        assertEquals("server.example", e.host());
        assertEquals(62201, e.port());
        assertEquals(0, e.tcpPort());
        assertEquals(List.of(new ServiceOffer("ssh", 22, "tcp"), new ServiceOffer("dns", 53, "udp")), e.services());
        assertEquals("2001:db8:1:2::/64 without ::/124", e.doors().toString());
        assertEquals(
                K,
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(e.clientSecret().copy()));
        assertEquals(GOLDEN, e.toUri());
        assertEquals(e, Enrolment.parse("\n  " + GOLDEN + "\r\n"));
        assertEquals("dns", e.service("dns").name());
        assertEquals("ssh", e.service("").name());
        assertEquals(
                "no service \"web\" is offered to this client, only [ssh:22/tcp, dns:53/udp]",
                assertThrows(IllegalArgumentException.class, () -> e.service("web"))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"server.example", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "localhost", "a_b.c-d."})
    void goesRoundWithEverything(String host) {
        Enrolment e = Enrolment.parse(GOLDEN);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8::/96"), Ip6Prefix.parse("::/112"));
        Enrolment other = new Enrolment("a.b_c-9", host, 1, 65535, e.services(), e.clientSecret(), e.server(), doors);
        assertEquals(other, Enrolment.parse(other.toUri()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 56, 64})
    void saysHowMuchOfThePrefixFollowsTheServer(int follow) {
        String uri = checked(GOLDEN.substring(0, GOLDEN.lastIndexOf("&c=")) + "&f=" + follow);
        Enrolment e = Enrolment.parse(uri);
        assertEquals(follow, e.follow());
        assertEquals(uri, e.toUri());
        assertEquals(0, Enrolment.parse(GOLDEN).follow(), "an enrolment without it is for one prefix");
    }

    @Test
    void doesNotPrintItsSecrets() {
        String text = Enrolment.parse(GOLDEN).toString();
        assertFalse(text.contains(K) || text.contains(G), text);
    }

    @Test
    void cutShortAnywhereIsRefused() {
        for (int length = 0; length < GOLDEN.length(); length++) {
            refused(GOLDEN.substring(0, length));
        }
        String message = refused(GOLDEN.substring(0, GOLDEN.length() - 1));
        assertEquals(
                "not a usable enrolment URI: it has been cut short: it has to end in &c= and 8 hexadecimal digits."
                        + " Copy all of it",
                message);
    }

    @Test
    void anyCharacterChangedLostOrDoubledIsRefused() {
        for (int i = 0; i < GOLDEN.length(); i++) {
            char c = GOLDEN.charAt(i);
            refused(GOLDEN.substring(0, i) + (c == 'x' ? 'y' : 'x') + GOLDEN.substring(i + 1));
            refused(GOLDEN.substring(0, i) + GOLDEN.substring(i + 1));
            refused(GOLDEN.substring(0, i) + c + GOLDEN.substring(i));
            refused(GOLDEN.substring(0, i) + "\n" + GOLDEN.substring(i + (i == 0 ? 1 : 0)));
        }
        String other = GOLDEN.replace("laptop", "lapdog");
        assertEquals(
                "not a usable enrolment URI: a character of it has been changed or lost: the check digits (c) do not"
                        + " agree. Copy it again",
                refused(other));
    }

    /** Each with right check digits, so that what is wrong is the field itself. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "laptop@|Lap@|the client name has to be [a-z0-9][a-z0-9._-]{0,31}",
                "laptop@|@|the client name has to be [a-z0-9][a-z0-9._-]{0,31}",
                "laptop@|laptop|it has to be mayfly://CLIENT@HOST:PORT?… with an IPv6 host in brackets",
                "server.example|''|the host has to be a name, an IPv4 or an IPv6 address",
                "server.example|se rver|the host has to be a name, an IPv4 or an IPv6 address",
                "server.example|192.0.2.256|the host has to be a name, an IPv4 or an IPv6 address",
                "server.example|[2001:db8::g]|the host has to be a name, an IPv4 or an IPv6 address",
                "server.example|[name]|only an IPv6 host stands in brackets",
                "server.example|2001:db8::1|it has to be mayfly://CLIENT@HOST:PORT?… with an IPv6 host in brackets",
                ":62201|:0|the knock port has to be 1 to 65535",
                ":62201|:65536|the knock port has to be 1 to 65535",
                ":62201|''|it has to be mayfly://CLIENT@HOST:PORT?… with an IPv6 host in brackets",
                "s=ssh:22/tcp,dns:53/udp&|''|the field s is missing",
                "ssh:22/tcp,dns:53/udp|''|s: it is not NAME:PORT/PROTOCOL, such as ssh:22/tcp",
                "ssh:22/tcp|ssh|s: it is not NAME:PORT/PROTOCOL, such as ssh:22/tcp",
                "ssh:22/tcp|SSH:22/tcp|s: \"SSH\" is not a service name: 1 to 16 of the characters a-z, 0-9 and -",
                "ssh:22/tcp|ssh:0/tcp|s: service ssh: a port is 1 to 65535, not 0",
                "ssh:22/tcp|ssh:22/sctp|'s: service ssh: the protocol is tcp or udp, not \"sctp\"'",
                "dns:53/udp|ssh:53/udp|a service (s) is named twice",
                "&k=I|&k=|k: has to be 32 bytes in base64url without padding",
                "&k=I|&k=+|k: has to be 32 bytes in base64url without padding",
                "Pj8&g|Pj9&g|k: has to be 32 bytes in base64url without padding",
                "Pj8&g|Pj8=&g|k: has to be 32 bytes in base64url without padding",
                "&g=EBES|&g=|g: has to be 16 bytes in base64url without padding",
                "&i=|&i=AAAA|i: has to be 16 bytes in base64url without padding",
                "&i=|&x=|it has a field that this version does not know; known are s, k, g, i, p, r, t, f and, last, c."
                        + " A newer server may have made it",
                "&i=|&p=::/64&i=|the field p is there twice",
                "/64|''|p: \"2001:db8:1:2::\" is not an IPv6 prefix such as 2001:db8:1:2::/64",
                "/64|/48|'p: 2001:db8:1:2::/48 has bits set beyond its length; did you mean 2001:db8:1::/48?'",
                "2::/64|2::/97|'a door prefix is /64 to /96, not /97: 2001:db8:1:2::/97'",
                "/64|/64&r=::/64|the reserved range ::/64 covers all of the door prefix 2001:db8:1:2::/64",
                "/64|/64&r=x|r: it is not an IPv6 prefix such as 2001:db8:1:2::/64",
                "/64|/64&t=0|t: a port is 1 to 65535",
                "/64|/64&t=99999|t: a port is 1 to 65535",
                "/64|/64&f=|f: how many bits of p are those of the server's address is a number from 1",
                "/64|/64&f=0|f: how many bits of p are those of the server's address is a number from 1",
                "/64|/64&f=064|f: how many bits of p are those of the server's address is a number from 1",
                "/64|/64&f=-1|f: how many bits of p are those of the server's address is a number from 1",
                "/64|/64&f=1000|f: how many bits of p are those of the server's address is a number from 1",
                "/64|/64&f=65|the followed bits (f) have to be 1 to 64, as long as the door prefix (p)",
                "/64|/64&f=64&f=64|the field f is there twice",
            })
    void saysWhichFieldIsWrong(String from, String to, String message) {
        String body = GOLDEN.substring(0, GOLDEN.lastIndexOf("&c="));
        assertFalse(body.equals(body.replace(from, to)));
        assertEquals("not a usable enrolment URI: " + message, refused(checked(body.replace(from, to))));
    }

    @Test
    void garbageGetsOneLineAndNothingElse() {
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            String good = GOLDEN.substring(0, GOLDEN.lastIndexOf("&c=")) + (i % 2 == 0 ? "" : "&f=56&t=443");
            StringBuilder s = new StringBuilder(good);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                s.setCharAt(9 + random.nextInt(s.length() - 9), (char) (32 + random.nextInt(95)));
            }
            try {
                Enrolment e = Enrolment.parse(checked(s.toString()));
                assertEquals(e, Enrolment.parse(e.toUri()));
            } catch (IllegalArgumentException e) {
                oneLine(e);
            }
        }
    }

    private static String refused(String uri) {
        return oneLine(assertThrows(IllegalArgumentException.class, () -> Enrolment.parse(uri), uri));
    }

    private static String oneLine(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        for (Throwable t = e; t != null; t = t.getCause()) {
            String text = t.toString();
            assertFalse(
                    text.contains(K.substring(4, 40)) || text.contains(G.substring(4, 20)),
                    "the secret is in: " + text);
        }
        assertFalse(message.contains("\n") || message.isEmpty(), message);
        return message;
    }

    private static String checked(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return body + String.format("&c=%08x", crc.getValue());
    }
}
