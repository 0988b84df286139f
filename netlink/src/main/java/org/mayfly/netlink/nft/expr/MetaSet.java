package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.MessageWriter;

/**
 * Sets something known about the packet that does not stand in it. Source: {@code nft_meta_set_eval} in {@code
 * net/netfilter/nft_meta.c}.
 *
 * @param key {@link Meta#MARK}, {@link Meta#PRIORITY}, {@link Meta#NFTRACE} or {@link Meta#PKTTYPE}; the kernel refuses
 *     most others with {@code EOPNOTSUPP}
 * @param register where from
 */
public record MetaSet(int key, int register) implements Expression {
    @Override
    public String name() {
        return Meta.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Meta.NFTA_META_KEY, key).attrBe32(Meta.NFTA_META_SREG, register);
    }
}
