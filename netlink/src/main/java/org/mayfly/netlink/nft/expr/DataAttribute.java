package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/** A value of registers inside an expression: an attribute that nests {@code NFTA_DATA_VALUE}. */
final class DataAttribute {
    static final int NFTA_DATA_VALUE = 1;
    static final int NFTA_DATA_VERDICT = 2;

    private static final AttributeNames VERDICT_NAMES =
            AttributeNames.of("NFTA_VERDICT_", "UNSPEC CODE CHAIN CHAIN_ID");

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_DATA_", "UNSPEC VALUE VERDICT").nest("VERDICT", VERDICT_NAMES);

    private DataAttribute() {}

    static void write(MessageWriter w, int type, Bytes value) {
        int data = w.nest(type);
        value.write(w, NFTA_DATA_VALUE);
        w.endNest(data);
    }

    /** Null if it is not a value, or more than one. */
    static @Nullable Bytes read(AttributeReader a) {
        Bytes value = null;
        while (a.next()) {
            if (a.type() != NFTA_DATA_VALUE || value != null) {
                return null;
            }
            value = Bytes.of(a.bytes());
        }
        return value;
    }
}
