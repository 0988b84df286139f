package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only if a set has what stands in the registers. Source: {@code enum nft_lookup_attributes} in
 * {@code linux/netfilter/nf_tables.h}.
 *
 * @param set the name of a set of the same table; one made earlier in the same batch will do
 * @param register the first register of the key
 * @param absent go on if the set does <em>not</em> have it ({@code NFT_LOOKUP_F_INV})
 */
public record Lookup(String set, int register, boolean absent) implements Expression {
    static final String NAME = "lookup";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_LOOKUP_", "UNSPEC SET SREG DREG SET_ID FLAGS");

    static final int NFTA_LOOKUP_SET = 1;
    static final int NFTA_LOOKUP_SREG = 2;
    static final int NFTA_LOOKUP_DREG = 3;
    private static final int NFTA_LOOKUP_FLAGS = 5;
    private static final int NFT_LOOKUP_F_INV = 1;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_LOOKUP_SREG, register).attrString(NFTA_LOOKUP_SET, set);
        if (absent) {
            w.attrBe32(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
        }
    }

    /** One that asks a set, or one that asks a map. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int flags = tb.be32(NFTA_LOOKUP_FLAGS, 0);
        if (!tb.holds(types(NFTA_LOOKUP_SET, NFTA_LOOKUP_SREG), types(NFTA_LOOKUP_DREG, NFTA_LOOKUP_FLAGS))) {
            return null;
        }
        String set = tb.string(NFTA_LOOKUP_SET);
        int register = tb.be32(NFTA_LOOKUP_SREG);
        if (tb.has(NFTA_LOOKUP_DREG)) {
            return flags == 0 ? new LookupMap(set, register, tb.be32(NFTA_LOOKUP_DREG)) : null;
        }
        return (flags & ~NFT_LOOKUP_F_INV) == 0 ? new Lookup(set, register, flags != 0) : null;
    }
}
