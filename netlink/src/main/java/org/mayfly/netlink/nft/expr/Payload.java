package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads bytes of the packet. A packet too short for it ends the rule there. Source: {@code enum nft_payload_attributes} in
 * {@code linux/netfilter/nf_tables.h}.
 *
 * @param base {@code NFT_PAYLOAD_*}: from which header's start
 * @param offset bytes from there
 * @param length bytes to load
 * @param register where to
 */
public record Payload(int base, int offset, int length, int register) implements Expression {
    /** {@code NFT_PAYLOAD_LL_HEADER}. */
    public static final int LL_HEADER = 0;

    public static final int NETWORK_HEADER = 1;
    public static final int TRANSPORT_HEADER = 2;

    /** {@code NFT_PAYLOAD_INNER_HEADER}: what is behind the transport header. */
    public static final int INNER_HEADER = 3;

    static final String NAME = "payload";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_PAYLOAD_", "UNSPEC DREG BASE OFFSET LEN SREG CSUM_TYPE CSUM_OFFSET CSUM_FLAGS");

    private static final int NFTA_PAYLOAD_DREG = 1;
    static final int NFTA_PAYLOAD_BASE = 2;
    static final int NFTA_PAYLOAD_OFFSET = 3;
    static final int NFTA_PAYLOAD_LEN = 4;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_PAYLOAD_DREG, register)
                .attrBe32(NFTA_PAYLOAD_BASE, base)
                .attrBe32(NFTA_PAYLOAD_OFFSET, offset)
                .attrBe32(NFTA_PAYLOAD_LEN, length);
    }

    /** One that loads or one that writes. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int where = types(NFTA_PAYLOAD_BASE, NFTA_PAYLOAD_OFFSET, NFTA_PAYLOAD_LEN);
        if (!tb.holds(where | types(NFTA_PAYLOAD_DREG))) {
            return PayloadWrite.from(tb, where);
        }
        return new Payload(
                tb.be32(NFTA_PAYLOAD_BASE),
                tb.be32(NFTA_PAYLOAD_OFFSET),
                tb.be32(NFTA_PAYLOAD_LEN),
                tb.be32(NFTA_PAYLOAD_DREG));
    }
}
