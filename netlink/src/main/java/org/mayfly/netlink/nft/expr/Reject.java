package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Drops the packet and says so to its sender. Source: {@code enum nft_reject_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param type {@code NFT_REJECT_*}
 * @param code of the ICMP or ICMPv6 message for {@link #ICMP_UNREACH}, {@code NFT_REJECT_ICMPX_*} for {@link
 *     #ICMPX_UNREACH}, 0 for {@link #TCP_RST}
 */
public record Reject(int type, int code) implements Expression {
    /** {@code NFT_REJECT_ICMP_UNREACH}: by ICMP or ICMPv6, whichever the rule has made sure of. */
    public static final int ICMP_UNREACH = 0;

    /** {@code NFT_REJECT_TCP_RST}: for TCP, which the rule has to make sure of. */
    public static final int TCP_RST = 1;

    /** {@code NFT_REJECT_ICMPX_UNREACH}: by ICMP or ICMPv6, as the packet is, with a code that is the same for both. */
    public static final int ICMPX_UNREACH = 2;

    /** {@code NFT_REJECT_ICMPX_NO_ROUTE}. */
    public static final int NO_ROUTE = 0;

    public static final int PORT_UNREACH = 1;
    public static final int HOST_UNREACH = 2;
    public static final int ADMIN_PROHIBITED = 3;

    static final String NAME = "reject";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_REJECT_", "UNSPEC TYPE ICMP_CODE");

    private static final int NFTA_REJECT_TYPE = 1;
    private static final int NFTA_REJECT_ICMP_CODE = 2;

    public Reject {
        if (code >>> 8 != 0) {
            throw new IllegalArgumentException("a code is a byte, not " + code);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_REJECT_TYPE, type).attrU8(NFTA_REJECT_ICMP_CODE, code);
    }

    static @Nullable Reject read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        return tb.holds(types(NFTA_REJECT_TYPE), types(NFTA_REJECT_ICMP_CODE))
                ? new Reject(tb.be32(NFTA_REJECT_TYPE), tb.u8(NFTA_REJECT_ICMP_CODE, 0))
                : null;
    }
}
