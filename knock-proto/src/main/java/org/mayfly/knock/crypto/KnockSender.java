package org.mayfly.knock.crypto;

import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.Secret;

/** One key of a client, as the client uses it. One thread only, as every {@link KnockKey}. */
public interface KnockSender extends KnockKey {
    /**
     * A packet of 96 bytes.
     *
     * @param nonce 16 bytes that were never used before with this key: see {@link #randomNonce}
     */
    byte[] write(byte[] nonce, KnockRequest request);

    /** What the keyset calls this key; never on the wire. */
    int tinkKeyId();

    static byte[] randomNonce() {
        return Secret.random(Packet.NONCE_LENGTH).copy();
    }
}
