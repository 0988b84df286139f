package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * A value of registers, in an expression or an element of a set: an attribute that nests {@code NFTA_DATA_VALUE}; or a
 * verdict, one that nests {@code NFTA_DATA_VERDICT}. Source: {@code enum nft_data_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 */
public final class DataAttribute {
    static final int NFTA_DATA_VALUE = 1;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFTA_VERDICT_CODE = 1;
    private static final int NFTA_VERDICT_CHAIN = 2;

    private static final AttributeNames VERDICT_NAMES =
            AttributeNames.of("NFTA_VERDICT_", "UNSPEC CODE CHAIN CHAIN_ID");

    /** {@code enum nft_data_attributes}. */
    public static final AttributeNames NAMES =
            AttributeNames.of("NFTA_DATA_", "UNSPEC VALUE VERDICT").nest("VERDICT", VERDICT_NAMES);

    private DataAttribute() {}

    /** Writes an attribute of that type that nests a value. */
    public static void write(MessageWriter w, int type, Bytes value) {
        int data = w.nest(type);
        value.write(w, NFTA_DATA_VALUE);
        w.endNest(data);
    }

    /** Writes an attribute of that type that nests a verdict. */
    public static void write(MessageWriter w, int type, Verdict verdict) {
        int data = w.nest(type);
        int inner = w.nest(NFTA_DATA_VERDICT);
        w.attrBe32(NFTA_VERDICT_CODE, verdict.code());
        String chain = verdict.chain();
        if (chain != null) {
            w.attrString(NFTA_VERDICT_CHAIN, chain);
        }
        w.endNest(inner);
        w.endNest(data);
    }

    /** Null if it is not a value, or more than one. */
    public static @Nullable Bytes read(AttributeReader a) {
        Bytes value = null;
        while (a.next()) {
            if (a.type() != NFTA_DATA_VALUE || value != null) {
                return null;
            }
            value = Bytes.of(a.bytes());
        }
        return value;
    }

    /** Null if it is not a verdict, or more than one, or leads to a chain named by its id in a batch. */
    public static @Nullable Verdict readVerdict(AttributeReader a) {
        AttributeTable data = AttributeTable.of(a);
        if (!data.holds(types(NFTA_DATA_VERDICT))) {
            return null;
        }
        AttributeTable tb = AttributeTable.of(data.nested(NFTA_DATA_VERDICT));
        if (!tb.holds(types(NFTA_VERDICT_CODE), types(NFTA_VERDICT_CHAIN))) {
            return null;
        }
        int code = tb.be32(NFTA_VERDICT_CODE);
        String chain = tb.has(NFTA_VERDICT_CHAIN) ? tb.string(NFTA_VERDICT_CHAIN) : null;
        return Verdict.leads(code) == (chain != null) ? new Verdict(code, chain) : null;
    }
}
