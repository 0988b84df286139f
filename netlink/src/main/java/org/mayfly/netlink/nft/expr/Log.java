package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Writes the packet into the kernel's log. Outside of the first network namespace nothing is written unless sysctl {@code
 * net.netfilter.nf_log_all_netns} is set. Source: {@code enum nft_log_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param prefix what each line begins with, at most 127 bytes; empty for nothing
 * @param level {@code NFT_LOGLEVEL_*}
 * @param flags {@code NF_LOG_*}: what else to write of the packet
 */
public record Log(String prefix, int level, int flags) implements Expression {
    /** {@code NFT_LOGLEVEL_EMERG}. */
    public static final int EMERG = 0;

    public static final int ALERT = 1;
    public static final int CRIT = 2;
    public static final int ERR = 3;

    /** What the kernel takes if nothing is said. */
    public static final int WARNING = 4;

    public static final int NOTICE = 5;
    public static final int INFO = 6;
    public static final int DEBUG = 7;

    /** {@code NFT_LOGLEVEL_AUDIT}: to the audit log, without prefix and flags. */
    public static final int AUDIT = 8;

    /** {@code NF_LOG_TCPSEQ} of {@code linux/netfilter/nf_log.h}. */
    public static final int TCPSEQ = 0x01;

    /** {@code NF_LOG_TCPOPT}. */
    public static final int TCPOPT = 0x02;

    /** {@code NF_LOG_IPOPT}. */
    public static final int IPOPT = 0x04;

    /** {@code NF_LOG_UID}: who owns the socket. */
    public static final int UID = 0x08;

    /** {@code NF_LOG_MACDECODE}. */
    public static final int MACDECODE = 0x20;

    static final String NAME = "log";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_LOG_", "UNSPEC GROUP PREFIX SNAPLEN QTHRESHOLD LEVEL FLAGS");

    static final int NFTA_LOG_GROUP = 1;
    static final int NFTA_LOG_PREFIX = 2;
    private static final int NFTA_LOG_LEVEL = 5;
    private static final int NFTA_LOG_FLAGS = 6;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        if (!prefix.isEmpty()) {
            w.attrString(NFTA_LOG_PREFIX, prefix);
        }
        if (level != WARNING) {
            w.attrBe32(NFTA_LOG_LEVEL, level);
        }
        if (flags != 0) {
            w.attrBe32(NFTA_LOG_FLAGS, flags);
        }
    }

    /** One for the kernel's log, or one for a group. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (tb.has(NFTA_LOG_GROUP)) {
            return LogGroup.from(tb);
        }
        if (!tb.holds(0, types(NFTA_LOG_PREFIX, NFTA_LOG_LEVEL, NFTA_LOG_FLAGS))) {
            return null;
        }
        return new Log(tb.string(NFTA_LOG_PREFIX, ""), tb.be32(NFTA_LOG_LEVEL, WARNING), tb.be32(NFTA_LOG_FLAGS, 0));
    }
}
