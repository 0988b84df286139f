package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Keeps the packet out of connection tracking: its {@link Ct#STATE} is {@link Ct#UNTRACKED} from there on, and NAT leaves it
 * alone. A packet that is tracked already goes on as it was, so this is for a chain before {@code NF_IP_PRI_CONNTRACK}, at
 * {@link org.mayfly.netlink.nft.Hook#RAW}. It has no attributes, and the kernel tells of it without {@code NFTA_EXPR_DATA}.
 * Source: {@code nft_notrack_eval} in {@code net/netfilter/nft_ct.c}.
 */
public record Notrack() implements Expression {
    static final String NAME = "notrack";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        // it says all by its name
    }

    static @Nullable Notrack read(AttributeReader a) {
        return AttributeTable.of(a).holds(0) ? new Notrack() : null;
    }
}
