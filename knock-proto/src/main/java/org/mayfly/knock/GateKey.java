package org.mayfly.knock;

/**
 * The key of the first check, which everybody enrolled at a server has. It keeps strangers' packets from costing
 * anything; it proves nothing about who knocks. Has no state: any thread may use it. Allocates nothing.
 */
public final class GateKey {
    /** Bytes of the key. */
    public static final int LENGTH = 16;

    /** Goes behind the nonce to make the mask of the key id, so that it is never the hash of something else. */
    private static final int MASK_DOMAIN = 1;

    private final long k0;
    private final long k1;

    private GateKey(byte[] key) {
        this.k0 = Words.little(key, 0);
        this.k1 = Words.little(key, 8);
    }

    /** @throws IllegalArgumentException if it is not 16 bytes */
    public static GateKey of(Secret key) {
        if (key.length() != LENGTH) {
            throw new IllegalArgumentException("a gate key has " + LENGTH + " bytes, not " + key.length());
        }
        return new GateKey(key.copy());
    }

    /** For storage, and for the same check in the kernel. */
    public Secret secret() {
        byte[] key = new byte[LENGTH];
        Words.putLittle(key, 0, k0);
        Words.putLittle(key, 8, k1);
        return Secret.of(key);
    }

    /** Whether the packet of 96 bytes at {@code off} carries the right tag. Takes the same time whatever it carries. */
    public boolean matches(byte[] p, int off) {
        return (tag(p, off) ^ Words.little(p, off + Packet.TAG_OFFSET)) == 0;
    }

    /** The key id in the packet, unmasked: its 8 bytes as a big-endian number, as {@link KnockKey#id} has it. */
    public long keyId(byte[] p, int off) {
        return Words.big(p, off + Packet.KEY_ID_OFFSET) ^ Long.reverseBytes(mask(p, off));
    }

    /** Writes the masked key id into a packet whose nonce is there. */
    public void putKeyId(byte[] p, int off, long keyId) {
        Words.putBig(p, off + Packet.KEY_ID_OFFSET, keyId ^ Long.reverseBytes(mask(p, off)));
    }

    /** Writes the tag into a packet that is complete but for it. */
    public void putTag(byte[] p, int off) {
        Words.putLittle(p, off + Packet.TAG_OFFSET, tag(p, off));
    }

    private long tag(byte[] p, int off) {
        return SipHash.hash(k0, k1, p, off, Packet.TAG_OFFSET);
    }

    private long mask(byte[] p, int off) {
        return SipHash.hashAnd(k0, k1, p, off + Packet.NONCE_OFFSET, Packet.NONCE_LENGTH, MASK_DOMAIN);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GateKey g && (k0 ^ g.k0 | k1 ^ g.k1) == 0;
    }

    @Override
    public int hashCode() {
        return LENGTH; // as Secret: may be printed, so it says nothing
    }

    @Override
    public String toString() {
        return "GateKey(hidden)";
    }
}
