package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * Takes an option away: it is overwritten with {@code TCPOPT_NOP}. A dump has more attributes, all of them 0, which the
 * kernel refuses in a request. Since Linux 5.18. Source: {@code nft_exthdr_tcp_strip_init} in {@code
 * net/netfilter/nft_exthdr.c}.
 *
 * @param op {@link Exthdr#TCPOPT}
 * @param type number of the option, 0 to 255
 */
public record ExthdrReset(int op, int type) implements Expression {
    public ExthdrReset {
        Exthdr.checkType(type);
    }

    @Override
    public String name() {
        return Exthdr.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrU8(Exthdr.NFTA_EXTHDR_TYPE, type).attrBe32(Exthdr.NFTA_EXTHDR_OP, op);
    }

    static @Nullable ExthdrReset from(AttributeTable tb, int zeros) {
        boolean plain = tb.be32(Exthdr.NFTA_EXTHDR_OFFSET, 0) == 0 && tb.be32(Exthdr.NFTA_EXTHDR_LEN, 0) == 0;
        if (!plain || !tb.holds(types(Exthdr.NFTA_EXTHDR_TYPE, Exthdr.NFTA_EXTHDR_OP), zeros)) {
            return null;
        }
        return new ExthdrReset(tb.be32(Exthdr.NFTA_EXTHDR_OP), tb.u8(Exthdr.NFTA_EXTHDR_TYPE, 0));
    }
}
