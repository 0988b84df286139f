package org.mayfly.netlink.nft;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.nft.expr.Verdict;

/**
 * What an element of a map leads to. Source: {@code enum nft_data_attributes}, {@code enum nft_verdict_attributes} in
 * {@code linux/netfilter/nf_tables.h}.
 */
public sealed interface MapData {
    /** A value, as long as the map's data is. */
    record Value(Bytes bytes) implements MapData {}

    /** What becomes of the packet. */
    record Decision(Verdict verdict) implements MapData {}

    /** A named object of the same table, such as a {@link NamedCounter}. */
    record Named(String object) implements MapData {}

    int NFTA_DATA_VALUE = 1;
    int NFTA_DATA_VERDICT = 2;
    int NFTA_VERDICT_CODE = 1;
    int NFTA_VERDICT_CHAIN = 2;

    /** What is inside of an attribute that is a value or a verdict. */
    AttributeNames NAMES = AttributeNames.of("NFTA_DATA_", "UNSPEC VALUE VERDICT")
            .nest("VERDICT", AttributeNames.of("NFTA_VERDICT_", "UNSPEC CODE CHAIN CHAIN_ID"));

    /** Writes an attribute that nests {@code NFTA_DATA_VALUE}. */
    static void writeValue(MessageWriter w, int type, Bytes value) {
        int nest = w.nest(type);
        value.write(w, NFTA_DATA_VALUE);
        w.endNest(nest);
    }

    /** Reads what is inside of an attribute that nests {@code NFTA_DATA_VALUE}; null if there is none. */
    static @Nullable Bytes readValue(AttributeReader a) {
        return read(a) instanceof Value v ? v.bytes() : null;
    }

    /**
     * @param data the attribute for a value or a verdict
     * @param object the attribute for the name of an object
     */
    default void write(MessageWriter w, int data, int object) {
        if (this instanceof Value v) {
            writeValue(w, data, v.bytes());
        } else if (this instanceof Named n) {
            w.attrString(object, n.object());
        } else {
            writeVerdict(w, data, ((Decision) this).verdict());
        }
    }

    private static void writeVerdict(MessageWriter w, int type, Verdict verdict) {
        int nest = w.nest(type);
        int inner = w.nest(NFTA_DATA_VERDICT);
        w.attrBe32(NFTA_VERDICT_CODE, verdict.code());
        String chain = verdict.chain();
        if (chain != null) {
            w.attrString(NFTA_VERDICT_CHAIN, chain);
        }
        w.endNest(inner);
        w.endNest(nest);
    }

    /** Reads a value or a verdict; null if it is something else. */
    static @Nullable MapData read(AttributeReader a) {
        MapData found = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_DATA_VALUE -> found = new Value(Bytes.of(a.bytes()));
                case NFTA_DATA_VERDICT -> found = readVerdict(a.nested());
                default -> {
                    return null;
                }
            }
        }
        return found;
    }

    private static @Nullable MapData readVerdict(AttributeReader a) {
        int code = 0;
        String chain = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_VERDICT_CODE -> code = a.be32();
                case NFTA_VERDICT_CHAIN -> chain = a.string();
                default -> {
                    return null;
                }
            }
        }
        boolean leads = code == Verdict.JUMP || code == Verdict.GOTO;
        return leads == (chain != null) ? new Decision(new Verdict(code, chain)) : null;
    }
}
