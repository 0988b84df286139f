package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SipHashTest {
    /** {@code vectors_sip64} of the paper's reference code: key 00..0f, message i is the bytes 00..i-1. */
    private static final String PUBLISHED = ""
            + "310e0edd47db6f72fd67dc93c539f8745a4fa9d909806c0d2d7efbd796666785"
            + "b7877127e09427cf8da699cd64557618cee3fe586e46c9cb37d1018bf50002ab"
            + "6224939a79f5f593b0e4a90bdf82009ef3b9dd94c5bb5d7aa7ad6b22462fb3f4"
            + "fbe50e86bc8f1e75903d84c02756ea14eef27a8e90ca23f7e545be4961ca29a1"
            + "db9bc2577fcc2a3f9447be2cf5e99a699cd38d96f0b3c14bbd6179a71dc96dbb"
            + "98eea21af25cd6bec7673b2eb0cbf2d0883ea3e395675393c8ce5ccd8c030ca8"
            + "94af49f6c650adb8eab8858ade92e1bcf315bb5bb835d817adcf6b0763612e2f"
            + "a5c91da7acaa4dde716595876650a2a628ef495c53a387ad42c341d8fa92d832"
            + "ce7cf2722f512771e37859f94623f3a7381205bb1ab0e012ae97a10fd434e015"
            + "b4a31508beff4d3181396229f09079024d0cf49ee5d4dcca5c73336a76d8bf9a"
            + "d0a704536ba93e0e925958fcd6420cada915c29bc8067318952b79f3bc0aa6d4"
            + "f21df2e41d4535f987577519048f53a910a56cf5dfcd9adbeb75095ccd986cd0"
            + "51a9cb9ecba312e696afadfc2ce666c772fe52975a4364ee5a1645b276d592a1"
            + "b274cb8ebf87870a6f9bb4203de7b381eaecb2a30b22a87f9924a43cc1315724"
            + "bd838d3aafbf8db70b1a2a3265d51aea135079a3231ce660932b2846e4d70666"
            + "e1915f5cb1eca46cf325965ca16d629f575ff28e60381be5724506eb4c328a95";

    private static final long K0 = 0x0706050403020100L;
    private static final long K1 = 0x0f0e0d0c0b0a0908L;

    @Test
    void isThePublishedOneForEveryLength() {
        byte[] expected = HexFormat.of().parseHex(PUBLISHED);
        assertEquals(64 * 8, expected.length);
        for (int length = 0; length < 64; length++) {
            assertEquals(
                    Words.little(expected, length * 8),
                    SipHash.hash(K0, K1, counting(0, length), 0, length),
                    "length " + length);
        }
    }

    /** The example that the paper computes step by step (appendix A). */
    @Test
    void isTheExampleOfThePaper() {
        assertEquals(0xa129ca6149be45e5L, SipHash.hash(K0, K1, counting(0, 15), 0, 15));
    }

    @Test
    void startsWhereItIsTold() {
        for (int offset = 0; offset < 20; offset++) {
            byte[] message = counting(offset, 88);
            assertEquals(SipHash.hash(K0, K1, counting(0, 88), 0, 88), SipHash.hash(K0, K1, message, offset, 88));
        }
    }

    @Test
    void aByteThatIsNotInTheArrayCountsAsIfItWere() {
        byte[] message = counting(0, 17);
        message[16] = (byte) 0xfe;
        assertEquals(SipHash.hash(K0, K1, message, 0, 17), SipHash.hashAnd(K0, K1, message, 0, 16, 0xfe));
    }

    /** {@code length} bytes 0, 1, 2, … behind {@code offset} others. */
    private static byte[] counting(int offset, int length) {
        byte[] b = new byte[offset + length];
        for (int i = 0; i < length; i++) {
            b[offset + i] = (byte) i;
        }
        return b;
    }
}
