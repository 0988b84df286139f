package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/** Decides: puts a verdict into {@code NFT_REG_VERDICT}. An immediate <em>value</em> is read as unknown. */
public record Immediate(Verdict verdict) implements Expression {
    static final String NAME = "immediate";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_IMMEDIATE_", "UNSPEC DREG DATA").nest("DATA", DataAttribute.NAMES);

    private static final int NFTA_IMMEDIATE_DREG = 1;
    private static final int NFTA_IMMEDIATE_DATA = 2;
    private static final int NFTA_VERDICT_CODE = 1;
    private static final int NFTA_VERDICT_CHAIN = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_IMMEDIATE_DREG, Register.VERDICT);
        int data = w.nest(NFTA_IMMEDIATE_DATA);
        int inner = w.nest(DataAttribute.NFTA_DATA_VERDICT);
        w.attrBe32(NFTA_VERDICT_CODE, verdict.code());
        String chain = verdict.chain();
        if (chain != null) {
            w.attrString(NFTA_VERDICT_CHAIN, chain);
        }
        w.endNest(inner);
        w.endNest(data);
    }

    static @Nullable Immediate read(AttributeReader a) {
        int register = -1;
        Verdict verdict = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_IMMEDIATE_DREG -> register = a.be32();
                case NFTA_IMMEDIATE_DATA -> verdict = readData(a.nested());
                default -> {
                    return null;
                }
            }
        }
        return register != Register.VERDICT || verdict == null ? null : new Immediate(verdict);
    }

    private static @Nullable Verdict readData(AttributeReader a) {
        Verdict verdict = null;
        while (a.next()) {
            if (a.type() != DataAttribute.NFTA_DATA_VERDICT || verdict != null) {
                return null;
            }
            verdict = readVerdict(a.nested());
        }
        return verdict;
    }

    private static @Nullable Verdict readVerdict(AttributeReader a) {
        boolean coded = false;
        int code = 0;
        String chain = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_VERDICT_CODE -> {
                    code = a.be32();
                    coded = true;
                }
                case NFTA_VERDICT_CHAIN -> chain = a.string();
                default -> {
                    return null; // a chain named by its id in a batch
                }
            }
        }
        boolean leads = code == Verdict.JUMP || code == Verdict.GOTO;
        return coded && leads == (chain != null) ? new Verdict(code, chain) : null;
    }
}
