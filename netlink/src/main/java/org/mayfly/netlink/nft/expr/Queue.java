package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Hands the packet to a program that listens to a queue of {@code nfnetlink_queue} and decides in the kernel's place.
 * Source: {@code enum nft_queue_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param num the queue, or the first of several, 0 to 65535
 * @param total how many queues, 1 to 65535; the packets of a connection go to the same one
 * @param flags {@code NFT_QUEUE_FLAG_*}
 */
public record Queue(int num, int total, int flags) implements Expression {
    /** {@code NFT_QUEUE_FLAG_BYPASS}: if nobody listens, the packet goes on instead of being dropped. */
    public static final int BYPASS = 1;

    /** {@code NFT_QUEUE_FLAG_CPU_FANOUT}: the queue is chosen by processor instead of by connection. */
    public static final int CPU_FANOUT = 2;

    static final String NAME = "queue";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_QUEUE_", "UNSPEC NUM TOTAL FLAGS SREG_QNUM");

    private static final int NFTA_QUEUE_NUM = 1;
    private static final int NFTA_QUEUE_TOTAL = 2;
    private static final int NFTA_QUEUE_FLAGS = 3;

    public Queue {
        if ((num | total | flags) >>> 16 != 0) {
            throw new IllegalArgumentException("16 bits are too few for " + num + ", " + total + " or " + flags);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe16(NFTA_QUEUE_NUM, num).attrBe16(NFTA_QUEUE_TOTAL, total);
        if (flags != 0) {
            w.attrBe16(NFTA_QUEUE_FLAGS, flags);
        }
    }

    /** Null also for one whose number stands in a register. */
    static @Nullable Queue read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        return tb.holds(types(NFTA_QUEUE_NUM, NFTA_QUEUE_TOTAL), types(NFTA_QUEUE_FLAGS))
                ? new Queue(tb.be16(NFTA_QUEUE_NUM, 0), tb.be16(NFTA_QUEUE_TOTAL, 1), tb.be16(NFTA_QUEUE_FLAGS, 0))
                : null;
    }
}
