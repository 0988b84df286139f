package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.MessageWriter;

/**
 * Sets something connection tracking knows about the packet. Source: {@code nft_ct_set_init} in {@code
 * net/netfilter/nft_ct.c}.
 *
 * @param key {@link Ct#MARK}, {@link Ct#LABELS}, {@link Ct#EVENTMASK} or {@link Ct#ZONE}; the kernel refuses most others
 *     with {@code EOPNOTSUPP}
 * @param direction of a zone, {@link Ct#ORIGINAL} or {@link Ct#REPLY}; else {@link Ct#NO_DIRECTION}
 * @param register where from
 */
public record CtSet(int key, int direction, int register) implements Expression {
    public CtSet {
        Ct.checkDirection(direction);
    }

    /** For both directions. */
    public CtSet(int key, int register) {
        this(key, Ct.NO_DIRECTION, register);
    }

    @Override
    public String name() {
        return Ct.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Ct.NFTA_CT_KEY, key);
        if (direction != Ct.NO_DIRECTION) {
            w.attrU8(Ct.NFTA_CT_DIRECTION, direction);
        }
        w.attrBe32(Ct.NFTA_CT_SREG, register);
    }
}
