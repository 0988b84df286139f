package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesCtrHmacAeadKey;
import com.google.crypto.tink.aead.AesCtrHmacAeadParameters;
import com.google.crypto.tink.prf.HkdfPrfKey;
import com.google.crypto.tink.prf.HkdfPrfParameters;
import com.google.crypto.tink.prf.PrfConfig;
import com.google.crypto.tink.prf.PrfSet;
import com.google.crypto.tink.subtle.Enums;
import com.google.crypto.tink.subtle.prf.HkdfStreamingPrf;
import com.google.crypto.tink.subtle.prf.PrfImpl;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

/** What is done by hand, against Tink as anybody would use it: keysets, {@code PrfSet}, {@code Aead}. */
class TinkTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] SERVER_ID = Secret.random(16).copy();
    private static final GateKey GATE = GateKey.of(Secret.random(16));
    private static final Secret SECRET = Secret.random(32);

    private final PrfSet prf = prf(SECRET.copy(), SERVER_ID);
    private final KnockSender key = key();

    private static KnockSender key() {
        try {
            return ClientKeyset.ofSecret(SECRET, ServerIdentity.of(SERVER_ID, GATE.secret()))
                    .keys()
                    .get(0);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @AccessesPartialKey
    private static PrfSet prf(byte[] secret, byte[] salt) {
        try {
            HkdfPrfParameters parameters = HkdfPrfParameters.builder()
                    .setKeySizeBytes(secret.length)
                    .setHashType(HkdfPrfParameters.HashType.SHA256)
                    .setSalt(Bytes.copyFrom(salt))
                    .build();
            HkdfPrfKey key = HkdfPrfKey.builder()
                    .setParameters(parameters)
                    .setKeyBytes(SecretBytes.copyFrom(secret, InsecureSecretKeyAccess.get()))
                    .build();
            return handle(KeysetHandle.importKey(key)).getPrimitive(RegistryConfiguration.get(), PrfSet.class);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeysetHandle handle(KeysetHandle.Builder.Entry entry) throws GeneralSecurityException {
        PrfConfig.register();
        AeadConfig.register();
        return KeysetHandle.newBuilder()
                .addEntry(entry.withRandomId().makePrimary())
                .build();
    }

    private byte[] subKey(String label, int length) throws GeneralSecurityException {
        return prf.computePrimary(label.getBytes(StandardCharsets.US_ASCII), length);
    }

    @AccessesPartialKey
    private Aead aead() throws GeneralSecurityException {
        AesCtrHmacAeadParameters parameters = AesCtrHmacAeadParameters.builder()
                .setAesKeySizeBytes(32)
                .setHmacKeySizeBytes(32)
                .setIvSizeBytes(16)
                .setTagSizeBytes(16)
                .setHashType(AesCtrHmacAeadParameters.HashType.SHA256)
                .setVariant(AesCtrHmacAeadParameters.Variant.NO_PREFIX)
                .build();
        AesCtrHmacAeadKey aeadKey = AesCtrHmacAeadKey.builder()
                .setParameters(parameters)
                .setAesKeyBytes(SecretBytes.copyFrom(subKey("mayfly 1 seal", 32), InsecureSecretKeyAccess.get()))
                .setHmacKeyBytes(SecretBytes.copyFrom(subKey("mayfly 1 proof", 32), InsecureSecretKeyAccess.get()))
                .build();
        return handle(KeysetHandle.importKey(aeadKey)).getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    private static byte[] associated(byte[] packet) {
        byte[] maskedKeyId = Arrays.copyOfRange(packet, Packet.KEY_ID_OFFSET, Packet.TAG_OFFSET);
        return Reference.join(SERVER_ID, maskedKeyId);
    }

    @Test
    void tinkOpensWhatIsWrittenHere() throws Exception {
        Aead aead = aead();
        for (int i = 0; i < 200; i++) {
            KnockRequest request = new KnockRequest(i, Vectors.TIME + i, Ip6Address.UNSPECIFIED, "s-" + i);
            byte[] p = key.write(KnockSender.randomNonce(), request);
            byte[] plain = aead.decrypt(Arrays.copyOf(p, 80), associated(p));
            assertEquals(request, KnockRequest.parse(plain));
            assertArrayEquals(plain, key.open(p, 0));
            assertArrayEquals(Arrays.copyOf(plain, 16), key.head(p, 0));
        }
    }

    /** Tink chooses the nonce after the associated data is given, so the masked key id is any eight bytes here. */
    @Test
    void whatTinkSealsIsProvedAndOpenedHere() throws Exception {
        Aead aead = aead();
        for (int i = 0; i < 200; i++) {
            byte[] plain = Secret.random(48).copy();
            byte[] maskedKeyId = Secret.random(8).copy();
            byte[] made = aead.encrypt(plain, Reference.join(SERVER_ID, maskedKeyId));
            assertEquals(80, made.length);
            byte[] p = Reference.join(made, maskedKeyId, new byte[8]);
            assertTrue(key.proves(p, 0));
            assertArrayEquals(plain, key.open(p, 0));
        }
    }

    @Test
    void theSameNonceGivesTheSameBytes() throws Exception {
        Aead aead = aead();
        KnockRequest request = new KnockRequest(0, Vectors.TIME, Ip6Address.UNSPECIFIED, "ssh");
        byte[] p = key.write(KnockSender.randomNonce(), request);
        byte[] plain = aead.decrypt(Arrays.copyOf(p, 80), associated(p));
        assertArrayEquals(p, key.write(Arrays.copyOf(p, 16), request));
        assertArrayEquals(request.encode(), plain);
    }

    @Test
    void theKeyIdIsAPrfOutputToo() throws Exception {
        assertEquals(HEX.formatHex(subKey("mayfly 1 id", 8)), HEX.toHexDigits(key.id()));
    }

    /** RFC 5869, A.1 to A.3, by the classes that {@link SubKeys} uses; a whole Tink key is never shorter than 32 bytes. */
    @ParameterizedTest
    @CsvSource({
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 000102030405060708090a0b0c, f0f1f2f3f4f5f6f7f8f9,"
                + " 3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435"
                + "363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f,"
                + " 606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192"
                + "939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf,"
                + " b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2"
                + "e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff,"
                + " b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275"
                + "600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, '', '',"
                + " 8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    })
    void derivesAsRfc5869(String secret, String salt, String info, String expected) throws Exception {
        HkdfStreamingPrf prf = new HkdfStreamingPrf(Enums.HashType.SHA256, HEX.parseHex(secret), HEX.parseHex(salt));
        byte[] made = PrfImpl.wrap(prf).compute(HEX.parseHex(info), expected.length() / 2);
        assertEquals(expected, HEX.formatHex(made));
    }

    @Test
    void aRefusalByTinkIsNullHere() throws Exception {
        byte[] p = key.write(KnockSender.randomNonce(), new KnockRequest(0, 1, Ip6Address.UNSPECIFIED, ""));
        p[64] ^= 1;
        Aead aead = aead();
        assertThrows(GeneralSecurityException.class, () -> aead.decrypt(Arrays.copyOf(p, 80), associated(p)));
        assertEquals(null, key.open(p, 0));
        p[64] ^= 1;
        assertNotNull(key.open(p, 0));
    }
}
