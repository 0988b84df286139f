package org.mayfly.netlink.nft;

/**
 * The types of what a set holds, as the {@code nft} command numbers them. The kernel stores the number and only looks
 * at the length. Source: {@code enum datatypes} in {@code include/datatype.h} of nftables.
 */
public enum DataType {
    /** A number of any meaning; {@code nft} prints one of 4 bytes. */
    INTEGER(4, 4, false),
    IPV4_ADDR(7, 4, false),
    IPV6_ADDR(8, 16, false),
    ETHER_ADDR(9, 6, false),
    /** {@code ETH_P_*}. */
    ETHER_TYPE(10, 2, false),
    /** {@code IPPROTO_*}. */
    INET_PROTO(12, 1, false),
    /** A port. */
    INET_SERVICE(13, 2, false),
    ICMP_TYPE(14, 1, false),
    /** A packet mark, host byte order. */
    MARK(19, 4, true),
    /** The number of an interface, host byte order. */
    IFACE_INDEX(20, 4, true),
    /** A user, host byte order. */
    UID(24, 4, true),
    /** A group, host byte order. */
    GID(25, 4, true),
    /** Bits of {@code NF_CT_STATE_BIT}, host byte order. */
    CT_STATE(26, 4, true),
    ICMPV6_TYPE(29, 1, false),
    /** The name of an interface, filled up with zeros ({@code IFNAMSIZ}). */
    IFNAME(41, 16, true);

    private final int number;
    private final int length;
    private final boolean hostOrder;

    DataType(int number, int length, boolean hostOrder) {
        this.number = number;
        this.length = length;
        this.hostOrder = hostOrder;
    }

    int number() {
        return number;
    }

    /** Bytes, without what pads it to 4 in a concatenation. */
    int length() {
        return length;
    }

    boolean hostOrder() {
        return hostOrder;
    }
}
