package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only for so much in a time, or only for what is more. Source: {@code enum nft_limit_attributes} in
 * {@code linux/netfilter/nf_tables.h}.
 *
 * @param type {@link #PKTS} or {@link #PKT_BYTES}: what is counted
 * @param rate how many of them in one unit
 * @param unit seconds
 * @param burst how many more at once; for 0 packets the kernel takes 5
 * @param over go on for what is more than that ({@code NFT_LIMIT_F_INV})
 */
public record Limit(int type, long rate, long unit, int burst, boolean over) implements Expression {
    /** {@code NFT_LIMIT_PKTS}. */
    public static final int PKTS = 0;

    /** {@code NFT_LIMIT_PKT_BYTES}. */
    public static final int PKT_BYTES = 1;

    static final String NAME = "limit";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_LIMIT_", "UNSPEC RATE UNIT BURST TYPE FLAGS PAD");

    private static final int NFTA_LIMIT_RATE = 1;
    private static final int NFTA_LIMIT_UNIT = 2;
    private static final int NFTA_LIMIT_BURST = 3;
    private static final int NFTA_LIMIT_TYPE = 4;
    private static final int NFTA_LIMIT_FLAGS = 5;
    private static final int NFTA_LIMIT_PAD = 6;
    private static final int NFT_LIMIT_F_INV = 1;

    /**
     * Up to so many packets.
     *
     * @param unit seconds
     */
    public static Limit packets(long rate, long unit, int burst) {
        return new Limit(PKTS, rate, unit, burst, false);
    }

    /**
     * Up to so many bytes.
     *
     * @param unit seconds
     */
    public static Limit bytes(long rate, long unit, int burst) {
        return new Limit(PKT_BYTES, rate, unit, burst, false);
    }

    /** What is more than this. */
    public Limit exceeded() {
        return new Limit(type, rate, unit, burst, true);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe64(NFTA_LIMIT_RATE, rate).attrBe64(NFTA_LIMIT_UNIT, unit);
        if (burst != 0) {
            w.attrBe32(NFTA_LIMIT_BURST, burst);
        }
        w.attrBe32(NFTA_LIMIT_TYPE, type).attrBe32(NFTA_LIMIT_FLAGS, over ? NFT_LIMIT_F_INV : 0);
    }

    static @Nullable Limit read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int optional = types(NFTA_LIMIT_BURST, NFTA_LIMIT_TYPE, NFTA_LIMIT_FLAGS, NFTA_LIMIT_PAD);
        int flags = tb.be32(NFTA_LIMIT_FLAGS, 0);
        if (!tb.holds(types(NFTA_LIMIT_RATE, NFTA_LIMIT_UNIT), optional) || (flags & ~NFT_LIMIT_F_INV) != 0) {
            return null;
        }
        return new Limit(
                tb.be32(NFTA_LIMIT_TYPE, PKTS),
                tb.be64(NFTA_LIMIT_RATE),
                tb.be64(NFTA_LIMIT_UNIT),
                tb.be32(NFTA_LIMIT_BURST, 0),
                flags != 0);
    }
}
