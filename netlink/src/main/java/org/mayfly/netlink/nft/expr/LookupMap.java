package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.MessageWriter;

/**
 * Loads what a map leads to from what stands in the registers. If it leads nowhere, the rule ends there. Source: {@code
 * enum nft_lookup_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param map the name of a map of the same table; one made earlier in the same batch will do
 * @param source the first register of the key
 * @param target where to; {@link Register#VERDICT} for a map of verdicts, which then decides
 */
public record LookupMap(String map, int source, int target) implements Expression {
    @Override
    public String name() {
        return Lookup.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Lookup.NFTA_LOOKUP_SREG, source)
                .attrBe32(Lookup.NFTA_LOOKUP_DREG, target)
                .attrString(Lookup.NFTA_LOOKUP_SET, map);
    }
}
