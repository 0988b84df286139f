package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads something known about the packet that does not stand in it. Numbers of more than a byte come in host order, where
 * nothing else is said. Source: {@code enum nft_meta_keys} in {@code linux/netfilter/nf_tables.h}, {@code
 * net/netfilter/nft_meta.c}.
 *
 * @param key {@code NFT_META_*}: one of the constants here, or another number the kernel knows
 * @param register where to
 */
public record Meta(int key, int register) implements Expression {
    /** Bytes of the packet, 4 bytes. */
    public static final int LEN = 0;

    /** {@code ETH_P_*}, 2 bytes in network order. */
    public static final int PROTOCOL = 1;

    /** Traffic control handle, 4 bytes. */
    public static final int PRIORITY = 2;

    /** The packet's mark, 4 bytes. */
    public static final int MARK = 3;

    /** Index of the interface it came in by, 4 bytes. */
    public static final int IIF = 4;

    /** Index of the interface it goes out by, 4 bytes. */
    public static final int OIF = 5;

    /** Name of the interface it came in by, 16 bytes ({@link Value#name}). */
    public static final int IIFNAME = 6;

    /** Name of the interface it goes out by, 16 bytes. */
    public static final int OIFNAME = 7;

    /** {@code ARPHRD_*} of the interface it came in by, 2 bytes. */
    public static final int IIFTYPE = 8;

    /** {@code ARPHRD_*} of the interface it goes out by, 2 bytes. */
    public static final int OIFTYPE = 9;

    /** User id of the socket that sent it, 4 bytes. */
    public static final int SKUID = 10;

    /** Group id of the socket that sent it, 4 bytes. */
    public static final int SKGID = 11;

    /** Whether it is traced, one byte; can only be set. */
    public static final int NFTRACE = 12;

    /** {@code NFPROTO_IPV4} or {@code NFPROTO_IPV6}, one byte. */
    public static final int NFPROTO = 15;

    /** {@code IPPROTO_*}, one byte. */
    public static final int L4PROTO = 16;

    /** {@code PACKET_HOST}, {@code PACKET_BROADCAST}, {@code PACKET_MULTICAST}, …, one byte. */
    public static final int PKTTYPE = 19;

    /** Number of the processor that works on it, 4 bytes. */
    public static final int CPU = 20;

    /** Group of the interface it came in by, 4 bytes. */
    public static final int IIFGROUP = 21;

    /** Group of the interface it goes out by, 4 bytes. */
    public static final int OIFGROUP = 22;

    /** {@code net_cls} class id of the socket's control group, 4 bytes. */
    public static final int CGROUP = 23;

    /** A pseudo-random number, 4 bytes. */
    public static final int PRANDOM = 24;

    /** Kind of the interface it came in by, such as {@code veth}, 16 bytes. */
    public static final int IIFKIND = 26;

    /** Kind of the interface it goes out by, 16 bytes. */
    public static final int OIFKIND = 27;

    /** Nanoseconds since 1970, 8 bytes. */
    public static final int TIME_NS = 30;

    /** Day of the week, Sunday is 0, one byte. */
    public static final int TIME_DAY = 31;

    /** Seconds since midnight, 4 bytes. */
    public static final int TIME_HOUR = 32;

    /** Index of the interface of a VRF that it came in by, 4 bytes. */
    public static final int SDIF = 33;

    /** Name of the interface of a VRF that it came in by, 16 bytes. */
    public static final int SDIFNAME = 34;

    static final String NAME = "meta";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_META_", "UNSPEC DREG KEY SREG");

    private static final int NFTA_META_DREG = 1;
    static final int NFTA_META_KEY = 2;
    static final int NFTA_META_SREG = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_META_KEY, key).attrBe32(NFTA_META_DREG, register);
    }

    /** One that loads or one that sets. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (tb.holds(types(NFTA_META_KEY, NFTA_META_SREG))) {
            return new MetaSet(tb.be32(NFTA_META_KEY), tb.be32(NFTA_META_SREG));
        }
        return tb.holds(types(NFTA_META_KEY, NFTA_META_DREG))
                ? new Meta(tb.be32(NFTA_META_KEY), tb.be32(NFTA_META_DREG))
                : null;
    }
}
