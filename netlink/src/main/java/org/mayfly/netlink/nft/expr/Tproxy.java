package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Hands the packet to a transparent socket of this host without changing it; the rule ends there if none listens. For a
 * chain at prerouting, with a rule that has made sure of TCP or UDP. Source: {@code enum nft_tproxy_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param family {@code NFPROTO_IPV4}, {@code NFPROTO_IPV6}, or in an {@code inet} table without an address {@code
 *     NFPROTO_UNSPEC}
 * @param address register with the address of the socket; {@link Register#NONE} for where the packet came to
 * @param port register with the port of the socket, in network order; {@link Register#NONE} for the packet's
 */
public record Tproxy(int family, int address, int port) implements Expression {
    static final String NAME = "tproxy";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_TPROXY_", "UNSPEC FAMILY REG_ADDR REG_PORT");

    private static final int NFTA_TPROXY_FAMILY = 1;
    private static final int NFTA_TPROXY_REG_ADDR = 2;
    private static final int NFTA_TPROXY_REG_PORT = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_TPROXY_FAMILY, family);
        if (address != Register.NONE) {
            w.attrBe32(NFTA_TPROXY_REG_ADDR, address);
        }
        if (port != Register.NONE) {
            w.attrBe32(NFTA_TPROXY_REG_PORT, port);
        }
    }

    static @Nullable Tproxy read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(types(NFTA_TPROXY_FAMILY), types(NFTA_TPROXY_REG_ADDR, NFTA_TPROXY_REG_PORT))) {
            return null;
        }
        return new Tproxy(
                tb.be32(NFTA_TPROXY_FAMILY),
                tb.be32(NFTA_TPROXY_REG_ADDR, Register.NONE),
                tb.be32(NFTA_TPROXY_REG_PORT, Register.NONE));
    }
}
