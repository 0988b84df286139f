package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Door prefixes that go with the server's address. The rule by example: {@code follow} in {@code vectors.json}. */
class FollowTest {
    private static final Ip6Prefix OLD = Ip6Prefix.parse("2001:db8:1:2::/64");

    private static Enrolment enrolment(Ip6Prefix prefix, int follow) {
        return new Enrolment(
                "laptop",
                "server.example",
                62201,
                0,
                List.of(new ServiceOffer("ssh", 22, "tcp")),
                Secret.random(Enrolment.SECRET_LENGTH),
                ServerIdentity.create(),
                new DoorSpace(prefix, DoorSpace.DEFAULT_RESERVED),
                follow);
    }

    private static List<String> doorsAt(Enrolment e, String... addresses) {
        return e.doorsAt(Stream.of(addresses).map(Ip6Address::parse).toList()).stream()
                .map(d -> d.prefix().toString())
                .toList();
    }

    @Test
    void whatDoesNotFollowStaysWhereItIs() {
        assertEquals(List.of("2001:db8:1:2::/64"), doorsAt(enrolment(OLD, 0), "2001:db8:7:8::1", "2001:db8:9::1"));
    }

    @Test
    void nothingIsNewWhileTheServerIsWhereItWas() {
        assertEquals(List.of("2001:db8:1:2::/64"), doorsAt(enrolment(OLD, 64), "2001:db8:1:2::1", "192.0.2.1"));
    }

    @Test
    void theReservedRangeMovesAlong() {
        DoorSpace moved = enrolment(OLD, 64)
                .doorsAt(List.of(Ip6Address.parse("2001:db8:7:8::1")))
                .get(0);
        assertFalse(moved.usable(Ip6Address.parse("2001:db8:7:8::f")));
        assertTrue(moved.usable(Ip6Address.parse("2001:db8:7:8::10")));
    }

    @Test
    void asManyBitsAsTheDoorPrefixHasAndNoMore() {
        for (int length = 64; length <= 96; length++) {
            Ip6Prefix prefix = Ip6Prefix.around(Ip6Address.parse("2001:db8:1:2:3:4::"), length);
            for (int follow : new int[] {0, 1, length - 1, length}) {
                assertEquals(follow, enrolment(prefix, follow).follow());
            }
            for (int follow : new int[] {-1, length + 1, 128}) {
                assertEquals(
                        "the followed bits (f) have to be 1 to " + length + ", as long as the door prefix (p)",
                        assertThrows(IllegalArgumentException.class, () -> enrolment(prefix, follow))
                                .getMessage());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> OLD.movedTo(Ip6Address.UNSPECIFIED, 65));
        assertThrows(IllegalArgumentException.class, () -> OLD.movedTo(Ip6Address.UNSPECIFIED, -1));
    }

    /** Any prefix, any number of bits, any address: bit by bit. */
    @Test
    void everyBitIsOfTheAddressOrOfThePrefix() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            int length = random.nextInt(129);
            int bits = random.nextInt(length + 1);
            Ip6Prefix own = Ip6Prefix.around(any(random), length);
            Ip6Address place = any(random);
            Ip6Prefix moved = own.movedTo(place, bits);
            assertEquals(length, moved.length());
            for (int bit = 0; bit < 128; bit++) {
                boolean expected = bit(bit < bits ? place : own.address(), bit);
                assertEquals(expected, bit(moved.address(), bit), own + " " + bits + " " + place);
            }
            assertEquals(own, moved.movedTo(own.address(), bits));
        }
    }

    /** Any host: never nothing, never one twice, never more than there may be, always the enrolled one. */
    @Test
    void everyListOfAddressesLeadsSomewhere() {
        Random random = new Random(12);
        for (int i = 0; i < 20_000; i++) {
            int length = 64 + random.nextInt(33);
            int follow = 1 + random.nextInt(length);
            Enrolment e = enrolment(Ip6Prefix.around(any(random), length), follow);
            List<Ip6Address> host = new ArrayList<>();
            for (int n = random.nextInt(8); n > 0; n--) {
                Ip6Address near = random.nextBoolean() ? e.doors().prefix().address() : any(random);
                host.add(new Ip6Address(near.high() ^ random.nextInt(2), random.nextLong()));
            }
            List<DoorSpace> spaces = e.doorsAt(host);
            assertTrue(spaces.contains(e.doors()));
            assertTrue(spaces.size() <= Enrolment.MAX_FOLLOWED + 1);
            assertEquals(spaces.size(), spaces.stream().distinct().count());
            assertTrue(spaces.stream().allMatch(s -> s.prefix().length() == length));
        }
    }

    private static Ip6Address any(Random random) {
        return new Ip6Address(random.nextLong(), random.nextLong());
    }

    private static boolean bit(Ip6Address a, int n) {
        return ((n < 64 ? a.high() : a.low()) >>> (63 - n % 64) & 1) != 0;
    }
}
