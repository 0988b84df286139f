package org.mayfly.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.nio.BufferOverflowException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Bytes as they stand in the buffer of a machine whose first byte of a number is the lowest. */
final class MessageWriterTest {
    private final MessageWriter w = new MessageWriter(64);

    private String written() {
        byte[] bytes = new byte[w.length()];
        w.buffer().get(0, bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void numbersInNetworkOrder() {
        w.be16(0x1234).be16(0xfedc).be32(0x89abcdef).be64(0x8899aabbccddeeffL);
        assertEquals("1234" + "fedc" + "89abcdef" + "8899aabbccddeeff", written());
    }

    @Test
    void numbersInHostOrder() {
        w.u8(0xfe).u16(0xfedc).u32(0x89abcdef);
        assertEquals("fe" + "dcfe" + "efcdab89", written());
    }

    @Test
    void addressesOfBothFamilies() throws Exception {
        InetAddress first = InetAddress.getByName("192.0.2.1");
        w.attrInet(1, first).attrInet(2, InetAddress.getByName("2001:db8::1")).attrInet(3, first);
        w.attrInet(4, first);
        String four = "0800%02x00c0000201";
        String six = "1400020020010db8000000000000000000000001";
        assertEquals(four.formatted(1) + six + four.formatted(3) + four.formatted(4), written());
    }

    @Test
    void textIsUtf8AndEndsWithAZero() {
        w.attrString(1, "lo").attrString(2, "").attrString(3, "zürich").attrString(4, "a\ud83d\ude00");
        String lo = "07000100" + "6c6f0000";
        String nothing = "05000200" + "00000000";
        String umlaut = "0c000300" + "7ac3bc7269636800";
        String beyond = "0a000400" + "61f09f9880000000";
        assertEquals(lo + nothing + umlaut + beyond, written());
    }

    @Test
    void textThatDoesNotFitIsRefused() {
        for (String text : new String[] {"x".repeat(60), "ü".repeat(30)}) {
            w.reset();
            assertThrows(BufferOverflowException.class, () -> w.attrString(1, text));
        }
    }
}
