package org.mayfly.knock;

/**
 * Where things are in a knock. The normative text is {@code docs/protocol.md}.
 *
 * <pre>
 *  0               4               8              12             15
 * +---------------+---------------+---------------+---------------+
 * |                            nonce                              |   0
 * +---------------+---------------+---------------+---------------+
 * |                                                               |  16
 * +                        sealed request                         +
 * |                                                               |  32
 * +                                                               +
 * |                                                               |  48
 * +---------------+---------------+---------------+---------------+
 * |                            proof                              |  64
 * +---------------+---------------+---------------+---------------+
 * |         masked key id         |           gate tag            |  80
 * +---------------+---------------+---------------+---------------+
 * </pre>
 */
public final class Packet {
    /** The only length a knock has. */
    public static final int LENGTH = 96;

    /** Random; the IV of what is sealed, and the seed of the door. */
    public static final int NONCE_OFFSET = 0;

    public static final int NONCE_LENGTH = 16;

    /** A {@link KnockRequest} under AES-256-CTR. */
    public static final int SEALED_OFFSET = 16;

    public static final int SEALED_LENGTH = 48;

    /** HMAC-SHA-256 with the client's key, cut. */
    public static final int PROOF_OFFSET = 64;

    public static final int PROOF_LENGTH = 16;

    /** Which key it is, unreadable without the gate key. */
    public static final int KEY_ID_OFFSET = 80;

    public static final int KEY_ID_LENGTH = 8;

    /** SipHash-2-4 over all before it. */
    public static final int TAG_OFFSET = 88;

    public static final int TAG_LENGTH = 8;

    private Packet() {}
}
