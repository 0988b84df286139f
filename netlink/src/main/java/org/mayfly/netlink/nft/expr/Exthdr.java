package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads bytes of an extension header or an option, or whether the packet has it. If it has it not, and that is not the
 * question, the rule ends there. Source: {@code enum nft_exthdr_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param op {@code NFT_EXTHDR_OP_*}: of what it is an extension
 * @param type number of the extension header, or of the option; 0 to 255
 * @param offset bytes from its start
 * @param length bytes to load
 * @param present load one byte, 1 if the packet has it and 0 if not ({@code NFT_EXTHDR_F_PRESENT})
 * @param register where to
 */
public record Exthdr(int op, int type, int offset, int length, boolean present, int register) implements Expression {
    /** {@code NFT_EXTHDR_OP_IPV6}: the type is that of {@code nexthdr}. */
    public static final int IPV6 = 0;

    /** {@code NFT_EXTHDR_OP_TCPOPT}. */
    public static final int TCPOPT = 1;

    /** {@code NFT_EXTHDR_OP_IPV4}. */
    public static final int IPV4 = 2;

    /** {@code NFT_EXTHDR_OP_SCTP}: a chunk. */
    public static final int SCTP = 3;

    static final String NAME = "exthdr";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_EXTHDR_", "UNSPEC DREG TYPE OFFSET LEN FLAGS OP SREG");

    private static final int NFTA_EXTHDR_DREG = 1;
    static final int NFTA_EXTHDR_TYPE = 2;
    static final int NFTA_EXTHDR_OFFSET = 3;
    static final int NFTA_EXTHDR_LEN = 4;
    static final int NFTA_EXTHDR_FLAGS = 5;
    static final int NFTA_EXTHDR_OP = 6;
    private static final int NFT_EXTHDR_F_PRESENT = 1;

    public Exthdr {
        checkType(type);
    }

    static void checkType(int type) {
        if (type >>> 8 != 0) {
            throw new IllegalArgumentException("the type of an extension is a byte, not " + type);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_EXTHDR_DREG, register)
                .attrU8(NFTA_EXTHDR_TYPE, type)
                .attrBe32(NFTA_EXTHDR_OFFSET, offset)
                .attrBe32(NFTA_EXTHDR_LEN, length)
                .attrBe32(NFTA_EXTHDR_OP, op)
                .attrBe32(NFTA_EXTHDR_FLAGS, present ? NFT_EXTHDR_F_PRESENT : 0);
    }

    /** One that loads, one that sets, or one that takes an option away. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int where = types(NFTA_EXTHDR_TYPE, NFTA_EXTHDR_OFFSET, NFTA_EXTHDR_LEN);
        int flags = tb.be32(NFTA_EXTHDR_FLAGS, 0);
        if (!tb.holds(where | types(NFTA_EXTHDR_DREG), types(NFTA_EXTHDR_OP, NFTA_EXTHDR_FLAGS))) {
            return ExthdrSet.from(tb, where);
        }
        return (flags & ~NFT_EXTHDR_F_PRESENT) != 0
                ? null
                : new Exthdr(
                        tb.be32(NFTA_EXTHDR_OP, IPV6),
                        tb.u8(NFTA_EXTHDR_TYPE, 0),
                        tb.be32(NFTA_EXTHDR_OFFSET),
                        tb.be32(NFTA_EXTHDR_LEN),
                        flags != 0,
                        tb.be32(NFTA_EXTHDR_DREG));
    }
}
