package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnockRequestTest {
    private static final KnockRequest REQUEST =
            new KnockRequest(3600, 0x1122334455667788L, Ip6Address.parse("2001:db8::17"), "ssh");

    private static final byte[] GOLDEN = HexFormat.of()
            .parseHex(""
                    + "01" // version
                    + "00" // flags
                    + "0000" // reserved
                    + "00000e10" // lease
                    + "1122334455667788" // time
                    + "20010db8000000000000000000000017" // source
                    + "73736800000000000000000000000000"); // service

    @Test
    void isTheseBytes() {
        assertArrayEquals(GOLDEN, REQUEST.encode());
        assertEquals(REQUEST, KnockRequest.parse(GOLDEN));
        assertEquals(1, KnockRequest.version(GOLDEN));
    }

    @Test
    void takesTheExtremes() {
        roundTrip(new KnockRequest(0, 0, Ip6Address.UNSPECIFIED, ""));
        roundTrip(new KnockRequest(0xffff_ffffL, Long.MAX_VALUE, Ip6Address.parse("192.0.2.1"), "0123456789abcd-z"));
    }

    private static void roundTrip(KnockRequest request) {
        assertEquals(request, KnockRequest.parse(request.encode()));
    }

    @Test
    void anotherLengthIsNull() {
        for (int length = 0; length < 100; length++) {
            if (length != 48) {
                assertNull(KnockRequest.parse(Arrays.copyOf(GOLDEN, length)), "length " + length);
            }
        }
    }

    /** Byte and bit of everything that has to be as it is. */
    @Test
    void anotherVersionFlagOrReservedBitIsNull() {
        for (int bit = 0; bit < 4 * 8; bit++) {
            byte[] plain = GOLDEN.clone();
            plain[bit / 8] ^= (byte) (1 << bit % 8);
            assertNull(KnockRequest.parse(plain), "bit " + bit);
        }
    }

    @Test
    void aTimeBeyond2262IsNull() {
        byte[] plain = GOLDEN.clone();
        plain[8] |= (byte) 0x80;
        assertNull(KnockRequest.parse(plain));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ssh", "s h", "\0ssh", "s\0h", "ssh\0\0x", "ssh.", "ssh_", "\u00e4", "ssh\n", "/"})
    void aServiceThatIsNoNameIsNull(String name) {
        byte[] plain = Arrays.copyOf(GOLDEN, 48);
        byte[] bytes = name.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        Arrays.fill(plain, 32, 48, (byte) 0);
        System.arraycopy(bytes, 0, plain, 32, bytes.length);
        assertNull(KnockRequest.parse(plain));
    }

    @Test
    void whatIsReadIsWrittenAgainTheSameAndGarbageNeverThrows() {
        Random random = new Random(2);
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] plain = GOLDEN.clone();
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                plain[random.nextInt(48)] = (byte) random.nextInt(256);
            }
            KnockRequest request = KnockRequest.parse(plain);
            if (request != null) {
                assertArrayEquals(plain, request.encode());
                read++;
            }
        }
        assertEquals(true, read > 10_000);
    }

    @Test
    void wrongPartsCannotBeMade() {
        wrong(-1, 0, "");
        wrong(0x1_0000_0000L, 0, "");
        wrong(0, -1, "");
        wrong(0, 0, "SSH");
        wrong(0, 0, "a name that is long");
    }

    private static void wrong(long lease, long time, String service) {
        assertThrows(
                IllegalArgumentException.class, () -> new KnockRequest(lease, time, Ip6Address.UNSPECIFIED, service));
    }
}
