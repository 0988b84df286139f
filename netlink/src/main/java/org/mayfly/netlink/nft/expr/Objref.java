package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Does what a named object does: counts in a named counter. Source: {@code enum nft_objref_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param type {@code NFT_OBJECT_*}
 * @param object its name, in the same table; one made earlier in the same batch will do
 */
public record Objref(int type, String object) implements Expression {
    /** {@code NFT_OBJECT_COUNTER}. */
    public static final int COUNTER = 1;

    public static final int QUOTA = 2;
    public static final int CT_HELPER = 3;
    public static final int LIMIT = 4;
    public static final int CONNLIMIT = 5;
    public static final int CT_TIMEOUT = 7;
    public static final int SECMARK = 8;
    public static final int CT_EXPECT = 9;
    public static final int SYNPROXY = 10;

    static final String NAME = "objref";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_OBJREF_", "UNSPEC IMM_TYPE IMM_NAME SET_SREG SET_NAME SET_ID");

    private static final int NFTA_OBJREF_IMM_TYPE = 1;
    private static final int NFTA_OBJREF_IMM_NAME = 2;
    static final int NFTA_OBJREF_SET_SREG = 3;
    static final int NFTA_OBJREF_SET_NAME = 4;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_OBJREF_IMM_TYPE, type).attrString(NFTA_OBJREF_IMM_NAME, object);
    }

    /** One of an object, or one that a map chooses. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (tb.holds(types(NFTA_OBJREF_SET_SREG, NFTA_OBJREF_SET_NAME))) {
            return new ObjrefMap(tb.string(NFTA_OBJREF_SET_NAME), tb.be32(NFTA_OBJREF_SET_SREG));
        }
        return tb.holds(types(NFTA_OBJREF_IMM_TYPE, NFTA_OBJREF_IMM_NAME))
                ? new Objref(tb.be32(NFTA_OBJREF_IMM_TYPE), tb.string(NFTA_OBJREF_IMM_NAME))
                : null;
    }
}
