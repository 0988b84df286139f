package org.mayfly.netlink.nft;

/**
 * The types of what a set holds, as the {@code nft} command numbers them. The kernel stores the number and only looks
 * at the length. Source: {@code enum datatypes} in {@code include/datatype.h} of nftables.
 */
public enum DataType {
    IPV4_ADDR(7, 4, false),
    IPV6_ADDR(8, 16, false),
    /** {@code IPPROTO_*}. */
    INET_PROTO(12, 1, false),
    /** A port. */
    INET_SERVICE(13, 2, false),
    /** A packet mark, host byte order. */
    MARK(19, 4, true);

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
