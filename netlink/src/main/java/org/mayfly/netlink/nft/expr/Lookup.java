package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only if a set has what stands in the registers.
 *
 * @param set the name of a set of the same table; one made earlier in the same batch will do
 * @param register the first register of the key
 * @param absent go on if the set does <em>not</em> have it ({@code NFT_LOOKUP_F_INV})
 */
public record Lookup(String set, int register, boolean absent) implements Expression {
    static final String NAME = "lookup";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_LOOKUP_", "UNSPEC SET SREG DREG SET_ID FLAGS");

    private static final int NFTA_LOOKUP_SET = 1;
    private static final int NFTA_LOOKUP_SREG = 2;
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

    static @Nullable Lookup read(AttributeReader a) {
        String set = null;
        int register = -1;
        int flags = 0;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_LOOKUP_SET -> set = a.string();
                case NFTA_LOOKUP_SREG -> register = a.be32();
                case NFTA_LOOKUP_FLAGS -> flags = a.be32();
                default -> {
                    return null; // a map: it loads what the element leads to
                }
            }
        }
        return set == null || register < 0 || (flags & ~NFT_LOOKUP_F_INV) != 0
                ? null
                : new Lookup(set, register, flags != 0);
    }
}
