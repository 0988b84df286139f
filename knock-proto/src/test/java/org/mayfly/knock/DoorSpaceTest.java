package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoorSpaceTest {
    private static final String ALL_ONES = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

    @ParameterizedTest
    @CsvSource({
        "2001:db8::/63, ::/124, 'a door prefix is /64 to /96, not /63: 2001:db8::/63'",
        "2001:db8::/97, ::/124, 'a door prefix is /64 to /96, not /97: 2001:db8::/97'",
        "2001:db8::/64, 2001:db8::/124, 'the reserved range 2001:db8::/124 is relative to the door prefix:"
                + " its first 64 bits are zero, such as ::/124'",
        "2001:db8::/96, ::1:0:0/124, 'the reserved range ::1:0:0/124 is relative to the door prefix:"
                + " its first 96 bits are zero, such as ::/124'",
        "2001:db8::/64, ::/64, the reserved range ::/64 covers all of the door prefix 2001:db8::/64",
        "2001:db8::/96, ::/64, the reserved range ::/64 covers all of the door prefix 2001:db8::/96",
    })
    void saysWhatIsWrongWithIt(String prefix, String reserved, String message) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> space(prefix, reserved));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        // the subnet-router anycast address and the reserved range, both ends
        "2001:db8::/64, ::/124, 2001:db8::, false",
        "2001:db8::/64, ::/128, 2001:db8::, false",
        "2001:db8::/64, ::8000:0:0:0/65, 2001:db8::, false",
        "2001:db8::/64, ::/124, 2001:db8::f, false",
        "2001:db8::/64, ::/124, 2001:db8::10, true",
        "2001:db8::/64, ::8000:0:0:0/65, 2001:db8:0:0:7fff:ffff:ffff:ffff, true",
        "2001:db8::/64, ::8000:0:0:0/65, 2001:db8:0:0:8000::, false",
        // another prefix
        "2001:db8::/64, ::/124, 2001:db8:0:1::10, false",
        "2001:db8::/96, ::/124, 2001:db8::1:0:10, false",
        // RFC 2526: 64 bits, with the universal/local bit zero
        "2001:db8::/64, ::/124, 2001:db8::fdff:ffff:ffff:ff7f, true",
        "2001:db8::/64, ::/124, 2001:db8::fdff:ffff:ffff:ff80, false",
        "2001:db8::/64, ::/124, 2001:db8::fdff:ffff:ffff:ffff, false",
        "2001:db8::/64, ::/124, 2001:db8::fe00:0:0:0, true",
        "2001:db8::/64, ::/124, 2001:db8::ffff:ffff:ffff:ffff, true",
        // other widths: all ones
        "2001:db8::/65, ::/124, 2001:db8::7fff:ffff:ffff:ff7f, true",
        "2001:db8::/65, ::/124, 2001:db8::7fff:ffff:ffff:ff80, false",
        "2001:db8::/65, ::/124, 2001:db8::7dff:ffff:ffff:ff80, true",
        "2001:db8::/80, ::/124, 2001:db8::ffff:ffff:ff7f, true",
        "2001:db8::/80, ::/124, 2001:db8::ffff:ffff:ff80, false",
        "2001:db8::/80, ::/124, 2001:db8::ffff:ffff:ffff, false",
        "2001:db8::/96, ::/124, 2001:db8::ffff:ff7f, true",
        "2001:db8::/96, ::/124, 2001:db8::ffff:ff80, false",
        "2001:db8::/96, ::/124, 2001:db8::ffff:ffff, false",
        "2001:db8:0:0:0:1::/96, ::/124, 2001:db8::1:ffff:ffff, false",
        "2001:db8:0:0:0:1::/96, ::/124, 2001:db8::1:ffff:fff, true",
    })
    void knowsWhereADoorMayBe(String prefix, String reserved, String address, boolean usable) {
        assertEquals(usable, space(prefix, reserved).usable(Ip6Address.parse(address)));
    }

    @Test
    void takesTheLastBitsOfEveryWidth() {
        Ip6Address bits = Ip6Address.parse("1111:2222:3333:4444:5555:6666:7777:8888");
        for (int length = 64; length <= 96; length++) {
            Ip6Prefix prefix = Ip6Prefix.around(Ip6Address.parse(ALL_ONES), length);
            DoorSpace space = new DoorSpace(prefix, DoorSpace.DEFAULT_RESERVED);
            Ip6Address door =
                    space.candidates(key(bits, bits, bits), new byte[0], 0).get(0);
            long mask = -1L >>> (length - 64);
            assertEquals(-1, door.high());
            assertEquals(bits.low() & mask | ~mask, door.low(), "/" + length);
        }
    }

    @Test
    void skipsWhatIsReservedAndRepeatsNothing() {
        Ip6Address a = Ip6Address.parse("9999::1:0:1");
        Ip6Address b = Ip6Address.parse("8888::1:0:2");
        Ip6Address reserved = Ip6Address.parse("7777::f");
        Ip6Address anycast = Ip6Address.parse("7777::fdff:ffff:ffff:ff80");
        String p = "2001:db8::1:0:";
        assertEquals(doors(p + "1", p + "2"), candidates(a, b, a));
        assertEquals(doors(p + "2", p + "1"), candidates(reserved, b, a));
        assertEquals(doors(p + "1"), candidates(a, a, a));
        assertEquals(doors(p + "1"), candidates(anycast, reserved, a));
        assertEquals(doors(), candidates(Ip6Address.UNSPECIFIED, anycast, reserved));
    }

    private static List<Ip6Address> doors(String... texts) {
        return List.of(texts).stream().map(Ip6Address::parse).toList();
    }

    @Test
    void theFirstFreeIsOneOfTheCandidates() {
        Ip6Address[] bits = {Ip6Address.parse("::1:0:0:1"), Ip6Address.parse("::7"), Ip6Address.parse("::1:0:0:2")};
        List<Ip6Address> candidates = candidates(bits);
        DoorSpace space = space("2001:db8::/64", "::/124");

        assertEquals(2, candidates.size());
        assertEquals(candidates.get(0), space.firstFree(key(bits), new byte[0], 0, door -> true));
        assertEquals(
                candidates.get(1), space.firstFree(key(bits), new byte[0], 0, door -> !door.equals(candidates.get(0))));
        assertNull(space.firstFree(key(bits), new byte[0], 0, door -> !candidates.contains(door)));
    }

    private static List<Ip6Address> candidates(Ip6Address... bits) {
        return space("2001:db8::/64", "::/124").candidates(key(bits), new byte[0], 0);
    }

    @Test
    void neverOffersWhatIsNotUsable() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            int length = 64 + random.nextInt(33);
            Ip6Prefix prefix = Ip6Prefix.around(new Ip6Address(random.nextLong(), random.nextLong()), length);
            int reservedLength = length + 1 + random.nextInt(128 - length);
            long host = (-1L >>> (length - 64)) & random.nextLong();
            DoorSpace space = new DoorSpace(prefix, Ip6Prefix.around(new Ip6Address(0, host), reservedLength));
            long near = random.nextBoolean() ? host : random.nextBoolean() ? -1L : random.nextLong();
            for (Ip6Address door : space.candidates(
                    key(at(near), at(near + random.nextInt(200)), at(random.nextLong())), new byte[0], 0)) {
                assertTrue(space.usable(door));
                assertTrue(prefix.contains(door));
                assertFalse(space.reserved().contains(new Ip6Address(0, door.low() & (-1L >>> (length - 64)))));
            }
        }
    }

    private static Ip6Address at(long low) {
        return new Ip6Address(0, low);
    }

    private static DoorSpace space(String prefix, String reserved) {
        return new DoorSpace(Ip6Prefix.parse(prefix), Ip6Prefix.parse(reserved));
    }

    /** A key that makes these bits for salts 0, 1, 2. */
    private static KnockKey key(Ip6Address... bits) {
        return new KnockKey() {
            @Override
            public long id() {
                return 0;
            }

            @Override
            public boolean proves(byte[] p, int off) {
                return false;
            }

            @Override
            public byte[] head(byte[] p, int off) {
                return new byte[16];
            }

            @Override
            public byte @Nullable [] open(byte[] p, int off) {
                return null;
            }

            @Override
            public Ip6Address doorBits(byte[] p, int off, int salt) {
                return bits[salt];
            }
        };
    }
}
