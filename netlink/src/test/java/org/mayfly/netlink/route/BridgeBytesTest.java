package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** What the kernel tells of a bridge, captured as in {@link LinkBytesTest}. How one is made is there too. */
final class BridgeBytesTest {
    /** IFLA_INFO_DATA of {@code ip -d link show dev br0} after {@code ip link add br0 type bridge}. */
    private static final String SHOWN = ""
            + "0c0010000000000000000000 0c0011000000000000000000 0c0012000000000000000000"
            + "0c0013000000000000000000 08000100dc050000 08000200c8000000 08000300d0070000"
            + "0800040030750000 0800050000000000 0600060000800000 0500070000000000 0600090000000000"
            + "0c000b008000020000000001 0c000a008000020000000001 06000c0000000000 08000d0000000000"
            + "05000e0000000000 05000f0000000000 0a0014000180c20000000000 0c002e00000000001f000000"
            + "0800300000000000 0800310000000000 0500160001000000 0500170001000000 0500180000000000"
            + "0500190000000000 05002a0000000000 08001a0010000000 08001b0000100000 08001c0002000000"
            + "08001d0002000000 05002b0002000000 05002c0001000000 0c001e006400000000000000"
            + "0c001f009065000000000000 0c0020009c63000000000000 0c002100d430000000000000"
            + "0c002200e803000000000000 0c002300340c000000000000 0500240000000000 0500250000000000"
            + "0500260000000000";

    @Test
    void itIsKeptAsItCame() {
        Bridge bridge = read(Payload.of(SHOWN));
        assertEquals(42, bridge.options().size());
        assertEquals(new RawAttribute(6, Bytes.ofHex("0080")), bridge.options().get(9)); // IFLA_BR_PRIORITY
        assertEquals(Payload.of(SHOWN), Payload.written(bridge::write));
    }

    @Test
    void oneLikeItIsNotToldItsState() {
        Bridge like = read(Payload.of(SHOWN)).settable();
        List<Integer> types = like.options().stream().map(RawAttribute::type).toList();
        List<Integer> state = List.of(7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 48);
        assertEquals(List.of(), types.stream().filter(state::contains).toList());
        assertEquals(30, types.size());
    }

    @Test
    void ofItsSwitchesThoseThatAreOnAreSet() {
        // IFLA_BR_MULTI_BOOLOPT: the values, and which of them count
        Bridge bridge = Bridge.DEFAULTS
                .with(46, Bytes.ofHex("01000000 1f000000"))
                .with(7, Bytes.ofHex("01"))
                .with(5, Bytes.ofHex("00000000"))
                .with(5, Bytes.ofHex("01000000"));
        assertEquals(
                Payload.of("0c002e00 01000000 01000000 05000700 01000000 08000500 01000000"),
                Payload.written(bridge.settable()::write));
    }

    @Test
    void cutAnywhereItIsRefusedOrShorter() {
        Payload.of(SHOWN).truncate(BridgeBytesTest::read, b -> b.options().size() <= 42);
    }

    private static Bridge read(Payload data) {
        return data.decode(BridgeBytesTest::read);
    }

    private static Bridge read(ByteBuffer b, int offset, int length) {
        return Bridge.read(new AttributeReader(b, offset, length));
    }
}
