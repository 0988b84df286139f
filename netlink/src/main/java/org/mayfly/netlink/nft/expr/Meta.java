package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads something known about the packet that does not stand in it.
 *
 * @param key {@code NFT_META_*}
 * @param register where to
 */
public record Meta(int key, int register) implements Expression {
    /** Index of the interface it came in by, host byte order. */
    public static final int IIF = 4;

    /** {@code NFPROTO_IPV4} or {@code NFPROTO_IPV6}, one byte. */
    public static final int NFPROTO = 15;

    /** {@code IPPROTO_*}, one byte. */
    public static final int L4PROTO = 16;

    static final String NAME = "meta";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_META_", "UNSPEC DREG KEY SREG");

    private static final int NFTA_META_DREG = 1;
    private static final int NFTA_META_KEY = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_META_KEY, key).attrBe32(NFTA_META_DREG, register);
    }

    static @Nullable Meta read(AttributeReader a) {
        int key = -1;
        int register = -1;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_META_KEY -> key = a.be32();
                case NFTA_META_DREG -> register = a.be32();
                default -> {
                    return null; // a source register: this one sets, it does not load
                }
            }
        }
        return key < 0 || register < 0 ? null : new Meta(key, register);
    }
}
