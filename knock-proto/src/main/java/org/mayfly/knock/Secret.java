package org.mayfly.knock;

import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * Bytes that must not be printed: a client's secret, the gate key. Never logged by accident, since {@link #toString}
 * hides them; whoever wants them has to say {@link #copy}.
 */
public final class Secret {
    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A secret with a copy of {@code bytes}. */
    public static Secret of(byte[] bytes) {
        return new Secret(bytes.clone());
    }

    /** A fresh secret from the system's generator. */
    public static Secret random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return new Secret(bytes);
    }

    public byte[] copy() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    /** Takes the same time wherever the two differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret s && MessageDigest.isEqual(bytes, s.bytes);
    }

    /** Says nothing about the content, so that it may be printed. */
    @Override
    public int hashCode() {
        return bytes.length;
    }

    @Override
    public String toString() {
        return "Secret(hidden)";
    }
}
