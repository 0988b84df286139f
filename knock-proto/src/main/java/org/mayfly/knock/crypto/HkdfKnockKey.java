package org.mayfly.knock.crypto;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.aead.AesCtrHmacAeadKey;
import com.google.crypto.tink.aead.AesCtrHmacAeadParameters;
import com.google.crypto.tink.prf.HkdfPrfKey;
import com.google.crypto.tink.subtle.EncryptThenAuthenticate;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.HmacSha256;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;

/**
 * A key whose sub-keys come from HKDF. Bytes 0 to 79 of its packets are what Tink's AES-CTR-HMAC AEAD makes with the
 * associated data {@code server id | masked key id}: a proof is checked here by hand, since Tink's refusal allocates and
 * throws, and what has been proved is opened by Tink.
 */
final class HkdfKnockKey implements KnockSender {
    private static final int SERVER_ID_LENGTH = ServerIdentity.ID_LENGTH;
    private static final int ASSOCIATED_LENGTH = SERVER_ID_LENGTH + Packet.KEY_ID_LENGTH;

    private static final int BLOCK = Packet.NONCE_LENGTH;

    private final int tinkKeyId;
    private final SubKeys keys;
    private final GateKey gate;
    private final byte[] serverId;
    private final HmacSha256 proof;
    private final HmacSha256 door;

    /** The length of the associated data in bits, 8 bytes: the end of what is proved. */
    private final byte[] associatedBits =
            ByteBuffer.allocate(8).putLong(ASSOCIATED_LENGTH * 8L).array();

    /** One AES block of the nonce is what the beginning of a request is sealed with. Made when first needed, as the next. */
    private @Nullable Cipher block;

    private final byte[] head = new byte[BLOCK];

    /** Made when first needed: a client never opens anything. */
    private @Nullable Aead aead;

    HkdfKnockKey(int tinkKeyId, HkdfPrfKey key, ServerIdentity server) throws GeneralSecurityException {
        this.tinkKeyId = tinkKeyId;
        this.keys = SubKeys.of(key);
        this.gate = server.gate();
        this.serverId = server.id();
        this.proof = new HmacSha256(keys.proof().copy());
        this.door = new HmacSha256(keys.door().copy());
    }

    @Override
    public long id() {
        return keys.id();
    }

    @Override
    public int tinkKeyId() {
        return tinkKeyId;
    }

    @Override
    public boolean proves(byte[] p, int off) {
        byte[] mac = proof(p, off);
        int difference = 0;
        for (int i = 0; i < Packet.PROOF_LENGTH; i++) {
            difference |= mac[i] ^ p[off + Packet.PROOF_OFFSET + i];
        }
        return difference == 0;
    }

    private byte[] proof(byte[] p, int off) {
        return proof.begin()
                .update(serverId, 0, SERVER_ID_LENGTH)
                .update(p, off + Packet.KEY_ID_OFFSET, Packet.KEY_ID_LENGTH)
                .update(p, off, Packet.PROOF_OFFSET) // nonce and sealed request
                .update(associatedBits, 0, associatedBits.length)
                .end();
    }

    @Override
    public void prepare() {
        byte[] none = new byte[Packet.LENGTH];
        head(none, 0);
        open(none, 0); // which it refuses
        proves(none, 0);
        doorBits(none, 0, 0);
    }

    /** By hand, since Tink opens the whole or nothing, and allocates. CTR begins with the nonce (NIST SP 800-38A, 6.5). */
    @Override
    public byte[] head(byte[] p, int off) {
        try {
            if (block == null) {
                block = Cipher.getInstance("AES/ECB/NoPadding");
                block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys.seal().copy(), "AES"));
            }
            block.update(p, off + Packet.NONCE_OFFSET, BLOCK, head, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot do AES-256", e);
        }
        for (int i = 0; i < BLOCK; i++) {
            head[i] ^= p[off + Packet.SEALED_OFFSET + i];
        }
        return head;
    }

    @Override
    public byte @Nullable [] open(byte[] p, int off) {
        try {
            if (aead == null) {
                aead = aead();
            }
            byte[] associated = Arrays.copyOf(serverId, ASSOCIATED_LENGTH);
            System.arraycopy(p, off + Packet.KEY_ID_OFFSET, associated, SERVER_ID_LENGTH, Packet.KEY_ID_LENGTH);
            return aead.decrypt(Arrays.copyOfRange(p, off, off + Packet.KEY_ID_OFFSET), associated);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    @AccessesPartialKey
    private Aead aead() throws GeneralSecurityException {
        AesCtrHmacAeadParameters parameters = AesCtrHmacAeadParameters.builder()
                .setAesKeySizeBytes(32)
                .setHmacKeySizeBytes(32)
                .setIvSizeBytes(Packet.NONCE_LENGTH)
                .setTagSizeBytes(Packet.PROOF_LENGTH)
                .setHashType(AesCtrHmacAeadParameters.HashType.SHA256)
                .setVariant(AesCtrHmacAeadParameters.Variant.NO_PREFIX)
                .build();
        return EncryptThenAuthenticate.create(AesCtrHmacAeadKey.builder()
                .setParameters(parameters)
                .setAesKeyBytes(Cleartext.toTink(keys.seal()))
                .setHmacKeyBytes(Cleartext.toTink(keys.proof()))
                .build());
    }

    @Override
    public Ip6Address doorBits(byte[] p, int off, int salt) {
        byte[] mac = door.begin()
                .update(p, off + Packet.NONCE_OFFSET, Packet.NONCE_LENGTH)
                .update((byte) salt)
                .end();
        return Ip6Address.of(mac, 0);
    }

    @Override
    public byte[] write(byte[] nonce, KnockRequest request) {
        if (nonce.length != Packet.NONCE_LENGTH) {
            throw new IllegalArgumentException("a nonce has " + Packet.NONCE_LENGTH + " bytes, not " + nonce.length);
        }
        byte[] p = Arrays.copyOf(nonce, Packet.LENGTH);
        System.arraycopy(seal(nonce, request.encode()), 0, p, Packet.SEALED_OFFSET, Packet.SEALED_LENGTH);
        gate.putKeyId(p, 0, keys.id());
        System.arraycopy(proof(p, 0), 0, p, Packet.PROOF_OFFSET, Packet.PROOF_LENGTH);
        gate.putTag(p, 0);
        return p;
    }

    /** By hand, since Tink chooses its IV itself and the door depends on it. */
    private byte[] seal(byte[] nonce, byte[] plain) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keys.seal().copy(), "AES"), new IvParameterSpec(nonce));
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java platform cannot do AES-256-CTR", e);
        }
    }

    @Override
    public String toString() {
        return "KnockKey(" + Integer.toUnsignedString(tinkKeyId) + ", hidden)";
    }
}
