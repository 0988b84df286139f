package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads something connection tracking knows about the packet. Numbers of more than a byte come in host order, where
 * nothing else is said. Source: {@code enum nft_ct_keys} in {@code linux/netfilter/nf_tables.h}, {@code
 * net/netfilter/nft_ct.c}.
 *
 * @param key {@code NFT_CT_*}: one of the constants here, or another number the kernel knows
 * @param direction {@link #ORIGINAL} or {@link #REPLY} for a key that has one, else {@link #NO_DIRECTION}
 * @param register where to
 */
public record Ct(int key, int direction, int register) implements Expression {
    /** One bit set of 32, in <em>host</em> byte order. */
    public static final int STATE = 0;

    /** Which way the packet goes: {@link #ORIGINAL} or {@link #REPLY}, one byte. */
    public static final int DIRECTION = 1;

    /** {@code IPS_*} bits, 4 bytes. */
    public static final int STATUS = 2;

    /** The connection's mark, 4 bytes. */
    public static final int MARK = 3;

    /** Milliseconds until it is forgotten, 4 bytes. */
    public static final int EXPIRATION = 5;

    /** Name of its helper, 16 bytes ({@link Value#name}). */
    public static final int HELPER = 6;

    /** {@code NFPROTO_*}, one byte. */
    public static final int L3PROTOCOL = 7;

    /** {@code IPPROTO_*}, one byte. */
    public static final int PROTOCOL = 10;

    /** Source port or its like, 2 bytes in network order; has a direction. */
    public static final int PROTO_SRC = 11;

    /** Destination port or its like, 2 bytes in network order; has a direction. */
    public static final int PROTO_DST = 12;

    /** 128 bits. */
    public static final int LABELS = 13;

    /** Packets, 8 bytes; may have a direction. */
    public static final int PKTS = 14;

    /** Bytes, 8 bytes; may have a direction. */
    public static final int BYTES = 15;

    /** Bytes a packet, 8 bytes; may have a direction. */
    public static final int AVGPKT = 16;

    /** 2 bytes; may have a direction. */
    public static final int ZONE = 17;

    /** Which events are sent, 4 bytes; can only be set. */
    public static final int EVENTMASK = 18;

    /** IPv4 source, 4 bytes as in the packet; has a direction. */
    public static final int SRC_IP = 19;

    /** IPv4 destination, 4 bytes as in the packet; has a direction. */
    public static final int DST_IP = 20;

    /** IPv6 source, 16 bytes as in the packet; has a direction. */
    public static final int SRC_IP6 = 21;

    /** IPv6 destination, 16 bytes as in the packet; has a direction. */
    public static final int DST_IP6 = 22;

    /** Number of the connection, 4 bytes. */
    public static final int ID = 23;

    /** Bits of {@link #STATE}: {@code NF_CT_STATE_BIT} of {@code linux/netfilter/nf_conntrack_common.h}. */
    public static final int INVALID = 1;

    public static final int ESTABLISHED = 1 << 1;

    public static final int RELATED = 1 << 2;

    public static final int NEW = 1 << 3;

    public static final int UNTRACKED = 1 << 6;

    /** {@code IP_CT_DIR_ORIGINAL}: as the first packet goes. */
    public static final int ORIGINAL = 0;

    /** {@code IP_CT_DIR_REPLY}. */
    public static final int REPLY = 1;

    /** The key has none, or is asked for both together. */
    public static final int NO_DIRECTION = -1;

    static final String NAME = "ct";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_CT_", "UNSPEC DREG KEY DIRECTION SREG");

    private static final int NFTA_CT_DREG = 1;
    static final int NFTA_CT_KEY = 2;
    static final int NFTA_CT_DIRECTION = 3;
    static final int NFTA_CT_SREG = 4;

    public Ct {
        checkDirection(direction);
    }

    /** Of a key without a direction. */
    public Ct(int key, int register) {
        this(key, NO_DIRECTION, register);
    }

    static void checkDirection(int direction) {
        if (direction < NO_DIRECTION || direction > 0xff) {
            throw new IllegalArgumentException("a direction is a byte, not " + direction);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_CT_KEY, key).attrBe32(NFTA_CT_DREG, register);
        if (direction != NO_DIRECTION) {
            w.attrU8(NFTA_CT_DIRECTION, direction);
        }
    }

    /** One that loads or one that sets. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int direction = tb.u8(NFTA_CT_DIRECTION, NO_DIRECTION);
        if (tb.holds(types(NFTA_CT_KEY, NFTA_CT_SREG), types(NFTA_CT_DIRECTION))) {
            return new CtSet(tb.be32(NFTA_CT_KEY), direction, tb.be32(NFTA_CT_SREG));
        }
        return tb.holds(types(NFTA_CT_KEY, NFTA_CT_DREG), types(NFTA_CT_DIRECTION))
                ? new Ct(tb.be32(NFTA_CT_KEY), direction, tb.be32(NFTA_CT_DREG))
                : null;
    }
}
