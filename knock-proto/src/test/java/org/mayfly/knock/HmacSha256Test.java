package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HmacSha256Test {
    private static final HexFormat HEX = HexFormat.of();

    /** RFC 4231, 4.2 to 4.8; case 5 publishes the first 16 bytes. {@code @} repeats, {@code '} is text. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "0b@20, 'Hi There, b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "'Jefe, 'what do ya want for nothing?,"
                        + " 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "aa@20, dd@50, 773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "0102030405060708090a0b0c0d0e0f10111213141516171819, cd@50,"
                        + " 82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
                "0c@20, 'Test With Truncation, a3b6167473100ee06e0c796c2955552b",
                "aa@131, 'Test Using Larger Than Block-Size Key - Hash Key First,"
                        + " 60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "aa@131, \"'This is a test using a larger than block-size key and a larger than block-size data."
                        + " The key needs to be hashed before being used by the HMAC algorithm.\","
                        + " 9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            })
    void isThatOfRfc4231(String key, String message, String expected) {
        byte[] m = bytes(message);
        String mac = HEX.formatHex(
                new HmacSha256(bytes(key)).begin().update(m, 0, m.length).end());
        assertEquals(expected, mac.substring(0, expected.length()));
    }

    private static byte[] bytes(String text) {
        if (text.startsWith("'")) {
            return text.substring(1).getBytes(StandardCharsets.US_ASCII);
        }
        int at = text.indexOf('@');
        return HEX.parseHex(at < 0 ? text : text.substring(0, at).repeat(Integer.parseInt(text.substring(at + 1))));
    }

    @Test
    void agreesWithThePlatformHoweverTheMessageIsCut() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] key = new byte[1 + random.nextInt(100)];
            byte[] message = new byte[random.nextInt(300)];
            random.nextBytes(key);
            random.nextBytes(message);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HMAC"));
            HmacSha256 ours = new HmacSha256(key);
            ours.begin().update(message, 0, message.length / 2); // dropped
            int cut = message.length == 0 ? 0 : random.nextInt(message.length);
            byte[] result = ours.begin()
                    .update(message, 0, cut)
                    .update(message, cut, message.length - cut)
                    .update((byte) i)
                    .end();
            mac.update(message);
            assertEquals(HEX.formatHex(mac.doFinal(new byte[] {(byte) i})), HEX.formatHex(result));
        }
    }
}
