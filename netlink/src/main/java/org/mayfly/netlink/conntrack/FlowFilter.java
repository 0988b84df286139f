package org.mayfly.netlink.conntrack;

import org.mayfly.netlink.MessageWriter;

/**
 * Which flows the kernel is to choose: those to which all that is said here applies.
 *
 * <p>What a kernel does not know it overlooks (before 5.8 all that is said of tuples), so {@link Conntrack} looks at every
 * flow again. Ports but of TCP and UDP, and addresses of IPv6, are for it alone to look at. Source: {@code ctnetlink_alloc_filter} in {@code
 * net/netfilter/nf_conntrack_netlink.c}.
 *
 * @param family {@code AF_INET}, {@code AF_INET6}; 0 for both, unless an address says which
 * @param original of the packets in the direction of the first one
 * @param reply of the answers: behind a translated address, the source here is the real one
 * @param mark what the mark must be in the bits of {@code markMask}
 * @param markMask 0 for any mark
 * @param status {@code IPS_*} that must be set
 */
public record FlowFilter(int family, TupleFilter original, TupleFilter reply, int mark, int markMask, int status) {
    /** All flows. */
    public static final FlowFilter ANY = new FlowFilter(0, TupleFilter.ANY, TupleFilter.ANY, 0, 0, 0);

    private static final int CTA_FILTER_ORIG_FLAGS = 1;
    private static final int CTA_FILTER_REPLY_FLAGS = 2;

    public FlowFilter {
        if (original.family() != 0 && reply.family() != 0 && original.family() != reply.family()) {
            throw new IllegalArgumentException("no flow is of two families");
        }
        int said = original.family() | reply.family();
        if (family != 0 && said != 0 && family != said) {
            throw new IllegalArgumentException("the addresses are not of family " + family);
        }
    }

    /** Those whose first packet is like this. */
    public static FlowFilter of(TupleFilter original) {
        return ANY.withOriginal(original);
    }

    public FlowFilter withFamily(int number) {
        return new FlowFilter(number, original, reply, mark, markMask, status);
    }

    public FlowFilter withOriginal(TupleFilter tuple) {
        return new FlowFilter(family, tuple, reply, mark, markMask, status);
    }

    public FlowFilter withReply(TupleFilter tuple) {
        return new FlowFilter(family, original, tuple, mark, markMask, status);
    }

    /**
     * @param mask the bits that count
     */
    public FlowFilter withMark(int value, int mask) {
        return new FlowFilter(family, original, reply, value, mask, status);
    }

    /**
     * @param bits {@code IPS_*} that must be set
     */
    public FlowFilter withStatus(int bits) {
        return new FlowFilter(family, original, reply, mark, markMask, bits);
    }

    /** Whether all that is said here applies. */
    public boolean matches(Flow flow) {
        return (family == 0 || family == flow.family())
                && original.matches(flow.original())
                && reply.matches(flow.reply())
                && ((flow.mark() ^ mark) & markMask) == 0
                && (flow.status() & status) == status;
    }

    /** The family that is said, or that of the addresses; 0 for both. */
    int chosenFamily() {
        return family | original.family() | reply.family();
    }

    /** Whether the kernel must be told the family: of both at once it does not compare tuples ({@code EOPNOTSUPP}). */
    boolean needsFamily() {
        return (original.flags() | reply.flags()) != 0;
    }

    void write(MessageWriter w) {
        if (status != 0) {
            w.attrBe32(Flow.CTA_STATUS, status).attrBe32(Flow.CTA_STATUS_MASK, status);
        }
        if (markMask != 0) {
            w.attrBe32(Flow.CTA_MARK, mark).attrBe32(Flow.CTA_MARK_MASK, markMask);
        }
        original.write(w, Flow.CTA_TUPLE_ORIG);
        reply.write(w, Flow.CTA_TUPLE_REPLY);
        if (needsFamily()) {
            int at = w.nest(Flow.CTA_FILTER);
            w.attrU32(CTA_FILTER_ORIG_FLAGS, original.flags()).attrU32(CTA_FILTER_REPLY_FLAGS, reply.flags());
            w.endNest(at);
        }
    }
}
