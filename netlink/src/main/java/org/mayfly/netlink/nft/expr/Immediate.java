package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Decides: puts a verdict into {@code NFT_REG_VERDICT}. Source: {@code enum nft_immediate_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 */
public record Immediate(Verdict verdict) implements Expression {
    static final String NAME = "immediate";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_IMMEDIATE_", "UNSPEC DREG DATA").nest("DATA", DataAttribute.NAMES);

    static final int NFTA_IMMEDIATE_DREG = 1;
    static final int NFTA_IMMEDIATE_DATA = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_IMMEDIATE_DREG, Register.VERDICT);
        DataAttribute.write(w, NFTA_IMMEDIATE_DATA, verdict);
    }

    /** One with a verdict, or one with a value. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(types(NFTA_IMMEDIATE_DREG, NFTA_IMMEDIATE_DATA))) {
            return null;
        }
        int register = tb.be32(NFTA_IMMEDIATE_DREG);
        if (register == Register.VERDICT) {
            Verdict verdict = DataAttribute.readVerdict(tb.nested(NFTA_IMMEDIATE_DATA));
            return verdict == null ? null : new Immediate(verdict);
        }
        Bytes value = tb.value(NFTA_IMMEDIATE_DATA);
        return value == null ? null : new ImmediateValue(register, value);
    }
}
