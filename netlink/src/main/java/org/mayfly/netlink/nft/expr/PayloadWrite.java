package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * Writes bytes into the packet and mends its checksum. Where there is one to mend, {@code nft} keeps offset and length even,
 * since it is a sum of words of 16 bits. Source: {@code enum nft_payload_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param base {@code NFT_PAYLOAD_*}: from which header's start
 * @param offset bytes from there
 * @param length bytes to write
 * @param register where from
 * @param csumType {@code NFT_PAYLOAD_CSUM_*}
 * @param csumOffset where the checksum stands, in bytes from the start of the same header
 * @param csumFlags {@link #L4CSUM_PSEUDOHDR} or 0
 */
public record PayloadWrite(int base, int offset, int length, int register, int csumType, int csumOffset, int csumFlags)
        implements Expression {
    /** {@code NFT_PAYLOAD_CSUM_NONE}. */
    public static final int CSUM_NONE = 0;

    /** {@code NFT_PAYLOAD_CSUM_INET}: RFC 791. */
    public static final int CSUM_INET = 1;

    /** {@code NFT_PAYLOAD_CSUM_SCTP}: CRC-32c, RFC 3309. */
    public static final int CSUM_SCTP = 2;

    /** {@code NFT_PAYLOAD_L4CSUM_PSEUDOHDR}: what is written is part of the pseudo-header, as an address is. */
    public static final int L4CSUM_PSEUDOHDR = 1;

    private static final int NFTA_PAYLOAD_SREG = 5;
    private static final int NFTA_PAYLOAD_CSUM_TYPE = 6;
    private static final int NFTA_PAYLOAD_CSUM_OFFSET = 7;
    private static final int NFTA_PAYLOAD_CSUM_FLAGS = 8;

    @Override
    public String name() {
        return Payload.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_PAYLOAD_SREG, register)
                .attrBe32(Payload.NFTA_PAYLOAD_BASE, base)
                .attrBe32(Payload.NFTA_PAYLOAD_OFFSET, offset)
                .attrBe32(Payload.NFTA_PAYLOAD_LEN, length);
        if (csumType != CSUM_NONE || csumOffset != 0) {
            w.attrBe32(NFTA_PAYLOAD_CSUM_TYPE, csumType).attrBe32(NFTA_PAYLOAD_CSUM_OFFSET, csumOffset);
        }
        if (csumFlags != 0) {
            w.attrBe32(NFTA_PAYLOAD_CSUM_FLAGS, csumFlags);
        }
    }

    static @Nullable PayloadWrite from(AttributeTable tb, int where) {
        int csum = types(NFTA_PAYLOAD_CSUM_TYPE, NFTA_PAYLOAD_CSUM_OFFSET, NFTA_PAYLOAD_CSUM_FLAGS);
        if (!tb.holds(where | types(NFTA_PAYLOAD_SREG), csum)) {
            return null;
        }
        return new PayloadWrite(
                tb.be32(Payload.NFTA_PAYLOAD_BASE),
                tb.be32(Payload.NFTA_PAYLOAD_OFFSET),
                tb.be32(Payload.NFTA_PAYLOAD_LEN),
                tb.be32(NFTA_PAYLOAD_SREG),
                tb.be32(NFTA_PAYLOAD_CSUM_TYPE, CSUM_NONE),
                tb.be32(NFTA_PAYLOAD_CSUM_OFFSET, 0),
                tb.be32(NFTA_PAYLOAD_CSUM_FLAGS, 0));
    }
}
