package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only if a register compares so with a value. More and less are told byte by byte, so a number in
 * host order has to go through {@link Byteorder} before. Source: {@code enum nft_cmp_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param op {@code NFT_CMP_*}
 * @param value as the register has it: network order for what came from the packet, host order for most else
 */
public record Cmp(int register, int op, Bytes value) implements Expression {
    public static final int EQ = 0;
    public static final int NEQ = 1;

    /** The register is less. */
    public static final int LT = 2;

    public static final int LTE = 3;

    /** The register is greater. */
    public static final int GT = 4;

    public static final int GTE = 5;

    static final String NAME = "cmp";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_CMP_", "UNSPEC SREG OP DATA").nest("DATA", DataAttribute.NAMES);

    private static final int NFTA_CMP_SREG = 1;
    private static final int NFTA_CMP_OP = 2;
    private static final int NFTA_CMP_DATA = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_CMP_SREG, register).attrBe32(NFTA_CMP_OP, op);
        DataAttribute.write(w, NFTA_CMP_DATA, value);
    }

    static @Nullable Cmp read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(types(NFTA_CMP_SREG, NFTA_CMP_OP, NFTA_CMP_DATA))) {
            return null;
        }
        Bytes value = tb.value(NFTA_CMP_DATA);
        return value == null ? null : new Cmp(tb.be32(NFTA_CMP_SREG), tb.be32(NFTA_CMP_OP), value);
    }
}
