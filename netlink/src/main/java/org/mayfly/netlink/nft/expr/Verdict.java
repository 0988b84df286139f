package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a packet.
 *
 * @param code {@code NF_DROP}, {@code NF_ACCEPT}, or {@code NFT_*} below 0
 * @param chain where {@link #JUMP} and {@link #GOTO} lead, else null
 */
public record Verdict(int code, @Nullable String chain) {
    /** {@code NFT_JUMP}. */
    public static final int JUMP = -3;

    /** {@code NFT_GOTO}. */
    public static final int GOTO = -4;

    public static final Verdict DROP = new Verdict(0, null);

    /** Ends this base chain alone: the ones after it are still asked. */
    public static final Verdict ACCEPT = new Verdict(1, null);

    /** {@code NFT_RETURN}: back to the calling chain. */
    public static final Verdict RETURN = new Verdict(-5, null);

    public Verdict {
        boolean leads = code == JUMP || code == GOTO;
        if (leads != (chain != null)) {
            throw new IllegalArgumentException("verdict " + code + " with chain " + chain);
        }
    }

    public static Verdict jump(String chain) {
        return new Verdict(JUMP, chain);
    }
}
