package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * Sends the packet to the programs that listen to a group of {@code nfnetlink_log}. Source: {@code enum
 * nft_log_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param prefix what goes with each packet, at most 127 bytes; empty for nothing
 * @param group 0 to 65535
 * @param snaplen bytes of the packet to send; {@link #WHOLE} for as many as the listener asked for
 * @param qthreshold packets to wait for before they are sent together, 0 to 65535; 0 for what the listener asked for
 */
public record LogGroup(String prefix, int group, int snaplen, int qthreshold) implements Expression {
    /** No {@code NFTA_LOG_SNAPLEN}. */
    public static final int WHOLE = -1;

    private static final int NFTA_LOG_SNAPLEN = 3;
    private static final int NFTA_LOG_QTHRESHOLD = 4;

    public LogGroup {
        if ((group | qthreshold) >>> 16 != 0) {
            throw new IllegalArgumentException("16 bits are too few for " + group + " or " + qthreshold);
        }
    }

    @Override
    public String name() {
        return Log.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        if (!prefix.isEmpty()) {
            w.attrString(Log.NFTA_LOG_PREFIX, prefix);
        }
        w.attrBe16(Log.NFTA_LOG_GROUP, group);
        if (snaplen != WHOLE) {
            w.attrBe32(NFTA_LOG_SNAPLEN, snaplen);
        }
        if (qthreshold != 0) {
            w.attrBe16(NFTA_LOG_QTHRESHOLD, qthreshold);
        }
    }

    static @Nullable LogGroup from(AttributeTable tb) {
        int optional = types(Log.NFTA_LOG_PREFIX, NFTA_LOG_SNAPLEN, NFTA_LOG_QTHRESHOLD);
        if (!tb.holds(types(Log.NFTA_LOG_GROUP), optional)) {
            return null;
        }
        return new LogGroup(
                tb.string(Log.NFTA_LOG_PREFIX, ""),
                tb.be16(Log.NFTA_LOG_GROUP, 0),
                tb.be32(NFTA_LOG_SNAPLEN, WHOLE),
                tb.be16(NFTA_LOG_QTHRESHOLD, 0));
    }
}
