package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a packet. Of the other {@code NF_*} verdicts, {@code NF_QUEUE} is for {@link Queue} to give: the kernel
 * refuses it here since Linux 6.8, and the rest everywhere. Source: {@code enum nft_verdicts} in {@code
 * linux/netfilter/nf_tables.h}, {@code linux/netfilter.h}.
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

    /** {@code NFT_CONTINUE}: on with the rule. */
    public static final Verdict CONTINUE = new Verdict(-1, null);

    /** {@code NFT_BREAK}: on with the next rule. */
    public static final Verdict BREAK = new Verdict(-2, null);

    /** {@code NFT_RETURN}: back to the calling chain; in a base chain, to its policy. */
    public static final Verdict RETURN = new Verdict(-5, null);

    public Verdict {
        if (leads(code) != (chain != null)) {
            throw new IllegalArgumentException("verdict " + code + " with chain " + chain);
        }
    }

    /** To a chain, and back when that comes to its end. */
    public static Verdict jump(String chain) {
        return new Verdict(JUMP, chain);
    }

    /** To a chain, and when that comes to its end back to where this one was called from. */
    public static Verdict goTo(String chain) {
        return new Verdict(GOTO, chain);
    }

    static boolean leads(int code) {
        return code == JUMP || code == GOTO;
    }
}
