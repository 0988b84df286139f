package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * {@code target = source & other}, or {@code |}, or {@code ^}, of two registers. Since Linux 6.13, in whose
 * {@code linux/netfilter/nf_tables.h} {@code enum nft_bitwise_ops} has them.
 *
 * @param op {@link #AND}, {@link #OR} or {@link #XOR}
 * @param length bytes to work on
 */
public record BitwiseBool(int source, int other, int target, int op, int length) implements Expression {
    public static final int AND = 3;
    public static final int OR = 4;
    public static final int XOR = 5;

    private static final int NFTA_BITWISE_SREG2 = 8;

    @Override
    public String name() {
        return Bitwise.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Bitwise.NFTA_BITWISE_SREG, source)
                .attrBe32(NFTA_BITWISE_SREG2, other)
                .attrBe32(Bitwise.NFTA_BITWISE_DREG, target)
                .attrBe32(Bitwise.NFTA_BITWISE_OP, op)
                .attrBe32(Bitwise.NFTA_BITWISE_LEN, length);
    }

    static @Nullable BitwiseBool from(AttributeTable tb, int registers) {
        if (!tb.holds(registers | types(Bitwise.NFTA_BITWISE_OP, NFTA_BITWISE_SREG2))) {
            return null;
        }
        return new BitwiseBool(
                tb.be32(Bitwise.NFTA_BITWISE_SREG),
                tb.be32(NFTA_BITWISE_SREG2),
                tb.be32(Bitwise.NFTA_BITWISE_DREG),
                tb.be32(Bitwise.NFTA_BITWISE_OP),
                tb.be32(Bitwise.NFTA_BITWISE_LEN));
    }
}
