package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.MessageWriter;

/**
 * Does what a named object does, which a map leads to from what stands in the registers. If it leads nowhere, the rule
 * ends there. Source: {@code enum nft_objref_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param map the name of a map of the same table; one made earlier in the same batch will do
 * @param register the first register of the key
 */
public record ObjrefMap(String map, int register) implements Expression {
    @Override
    public String name() {
        return Objref.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Objref.NFTA_OBJREF_SET_SREG, register).attrString(Objref.NFTA_OBJREF_SET_NAME, map);
    }
}
