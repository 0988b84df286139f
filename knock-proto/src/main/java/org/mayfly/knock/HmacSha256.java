package org.mayfly.knock;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * HMAC-SHA-256 (RFC 2104) over a {@link MessageDigest}, with the padded keys made once. Unlike {@code javax.crypto.Mac}
 * it allocates nothing per message. Has state: one message at a time, one thread.
 */
public final class HmacSha256 {
    /** Bytes of the full output. */
    public static final int LENGTH = 32;

    private static final int BLOCK = 64;

    private final MessageDigest digest;
    private final byte[] inner;
    private final byte[] outer;
    private final byte[] out = new byte[LENGTH];

    public HmacSha256(byte[] key) {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        inner = Arrays.copyOf(key.length > BLOCK ? digest.digest(key) : key, BLOCK);
        outer = inner.clone();
        for (int i = 0; i < BLOCK; i++) {
            inner[i] ^= 0x36;
            outer[i] ^= 0x5c;
        }
    }

    /** Starts a message, and drops one that was not finished. */
    public HmacSha256 begin() {
        digest.reset();
        digest.update(inner);
        return this;
    }

    public HmacSha256 update(byte[] b, int off, int len) {
        digest.update(b, off, len);
        return this;
    }

    public HmacSha256 update(byte b) {
        digest.update(b);
        return this;
    }

    /** Ends the message. The 32 bytes stand in an array of this object's own, until the next message ends. */
    public byte[] end() {
        try {
            digest.digest(out, 0, LENGTH);
            digest.update(outer);
            digest.update(out);
            digest.digest(out, 0, LENGTH);
            return out;
        } catch (DigestException e) {
            throw new AssertionError("32 bytes are room enough for SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "HmacSha256(hidden)";
    }
}
