package org.mayfly.knock.crypto;

import com.google.crypto.tink.prf.HkdfPrfKey;
import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.subtle.prf.HkdfStreamingPrf;
import com.google.crypto.tink.subtle.prf.PrfImpl;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.mayfly.knock.Secret;

/**
 * What is derived from a client's key: HKDF-SHA-256 (RFC 5869) with the server's id for salt and a label for info.
 *
 * @param seal AES-256 key of the request
 * @param proof HMAC key of the proof
 * @param door HMAC key of the door
 * @param id what names the key in a packet, big-endian
 */
record SubKeys(Secret seal, Secret proof, Secret door, long id) {
    static SubKeys of(HkdfPrfKey key) throws GeneralSecurityException {
        // The same as KeysetHandle.getPrimitive(…, PrfSet.class), key by key and without loading the registry, which
        // would be most of the client's start-up.
        Prf prf = PrfImpl.wrap(HkdfStreamingPrf.create(key));
        return new SubKeys(
                Secret.of(prf.compute(label("mayfly 1 seal"), 32)),
                Secret.of(prf.compute(label("mayfly 1 proof"), 32)),
                Secret.of(prf.compute(label("mayfly 1 door"), 32)),
                ByteBuffer.wrap(prf.compute(label("mayfly 1 id"), 8)).getLong());
    }

    private static byte[] label(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
