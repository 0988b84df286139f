package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Counts the packets that come this far. A dump says how many those were; a new rule begins with what is given. Source:
 * {@code enum nft_counter_attributes} in {@code linux/netfilter/nf_tables.h}.
 */
public record Counter(long packets, long bytes) implements Expression {
    /** One that has counted nothing yet. */
    public static final Counter ZERO = new Counter(0, 0);

    static final String NAME = "counter";

    /** {@code enum nft_counter_attributes}. */
    public static final AttributeNames NAMES = AttributeNames.of("NFTA_COUNTER_", "UNSPEC BYTES PACKETS PAD");

    private static final int NFTA_COUNTER_BYTES = 1;
    private static final int NFTA_COUNTER_PACKETS = 2;
    private static final int NFTA_COUNTER_PAD = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        if (packets != 0 || bytes != 0) {
            w.attrBe64(NFTA_COUNTER_BYTES, bytes).attrBe64(NFTA_COUNTER_PACKETS, packets);
        }
    }

    /** Reads what is inside of an attribute that counts, such as {@code NFTA_CHAIN_COUNTERS}; null if it holds more. */
    public static @Nullable Counter read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        return tb.holds(0, types(NFTA_COUNTER_BYTES, NFTA_COUNTER_PACKETS, NFTA_COUNTER_PAD))
                ? new Counter(tb.be64(NFTA_COUNTER_PACKETS, 0), tb.be64(NFTA_COUNTER_BYTES, 0))
                : null;
    }
}
