package org.mayfly.netlink.nft;

/** The packets a table sees ({@code NFPROTO_*} of {@code linux/netfilter.h}). */
public enum NftFamily {
    /** In a dump request: all of them. */
    UNSPEC(0),
    /** IPv4 and IPv6. */
    INET(1),
    IPV4(2),
    ARP(3),
    NETDEV(5),
    BRIDGE(7),
    IPV6(10);

    private final int number;

    NftFamily(int number) {
        this.number = number;
    }

    /** {@code nfgen_family}. */
    public int number() {
        return number;
    }

    static NftFamily of(int number) {
        for (NftFamily f : values()) {
            if (f.number == number) {
                return f;
            }
        }
        return UNSPEC;
    }
}
