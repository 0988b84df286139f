package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads something connection tracking knows about the packet.
 *
 * @param key {@code NFT_CT_*}
 * @param register where to
 */
public record Ct(int key, int register) implements Expression {
    /** One bit set of 32, in <em>host</em> byte order. */
    public static final int STATE = 0;

    /** Bits of {@link #STATE}: {@code NF_CT_STATE_BIT} of {@code linux/netfilter/nf_conntrack_common.h}. */
    public static final int ESTABLISHED = 1 << 1;

    public static final int RELATED = 1 << 2;

    static final String NAME = "ct";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_CT_", "UNSPEC DREG KEY DIRECTION SREG");

    private static final int NFTA_CT_DREG = 1;
    private static final int NFTA_CT_KEY = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_CT_KEY, key).attrBe32(NFTA_CT_DREG, register);
    }

    static @Nullable Ct read(AttributeReader a) {
        int key = -1;
        int register = -1;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_CT_KEY -> key = a.be32();
                case NFTA_CT_DREG -> register = a.be32();
                default -> {
                    return null; // a direction, or a source register
                }
            }
        }
        return key < 0 || register < 0 ? null : new Ct(key, register);
    }
}
