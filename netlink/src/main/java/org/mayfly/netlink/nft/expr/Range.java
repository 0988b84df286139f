package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only if a register lies between two values, or does not. Compares byte by byte, as {@link Cmp}
 * does. Source: {@code enum nft_range_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param op {@code NFT_RANGE_*}
 * @param from the least value that lies between
 * @param to the greatest one, as long as {@code from}
 */
public record Range(int register, int op, Bytes from, Bytes to) implements Expression {
    public static final int EQ = 0;
    public static final int NEQ = 1;

    static final String NAME = "range";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_RANGE_", "UNSPEC SREG OP FROM_DATA TO_DATA")
            .nest("FROM_DATA", DataAttribute.NAMES)
            .nest("TO_DATA", DataAttribute.NAMES);

    private static final int NFTA_RANGE_SREG = 1;
    private static final int NFTA_RANGE_OP = 2;
    private static final int NFTA_RANGE_FROM_DATA = 3;
    private static final int NFTA_RANGE_TO_DATA = 4;

    public Range {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException("ends of a range differ in length: " + from + ", " + to);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_RANGE_SREG, register).attrBe32(NFTA_RANGE_OP, op);
        DataAttribute.write(w, NFTA_RANGE_FROM_DATA, from);
        DataAttribute.write(w, NFTA_RANGE_TO_DATA, to);
    }

    static @Nullable Range read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(types(NFTA_RANGE_SREG, NFTA_RANGE_OP, NFTA_RANGE_FROM_DATA, NFTA_RANGE_TO_DATA))) {
            return null;
        }
        Bytes from = tb.value(NFTA_RANGE_FROM_DATA);
        Bytes to = tb.value(NFTA_RANGE_TO_DATA);
        if (from == null || to == null || from.length() != to.length()) {
            return null;
        }
        return new Range(tb.be32(NFTA_RANGE_SREG), tb.be32(NFTA_RANGE_OP), from, to);
    }
}
