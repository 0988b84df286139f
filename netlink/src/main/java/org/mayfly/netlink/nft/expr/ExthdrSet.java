package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * Writes bytes into an option and mends the checksum; a maximum segment size only becomes less. A packet without the option
 * stays as it is. The kernel does so for TCP alone. A dump has {@code NFTA_EXTHDR_FLAGS} besides, which the kernel refuses
 * in a request. Source: {@code nft_exthdr_tcp_set_init} in {@code net/netfilter/nft_exthdr.c}.
 *
 * @param op {@link Exthdr#TCPOPT}
 * @param type number of the option, 0 to 255
 * @param offset bytes from its start
 * @param length bytes to write: 2 or 4
 * @param register where from
 */
public record ExthdrSet(int op, int type, int offset, int length, int register) implements Expression {
    private static final int NFTA_EXTHDR_SREG = 7;

    public ExthdrSet {
        Exthdr.checkType(type);
    }

    @Override
    public String name() {
        return Exthdr.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_EXTHDR_SREG, register)
                .attrU8(Exthdr.NFTA_EXTHDR_TYPE, type)
                .attrBe32(Exthdr.NFTA_EXTHDR_OFFSET, offset)
                .attrBe32(Exthdr.NFTA_EXTHDR_LEN, length)
                .attrBe32(Exthdr.NFTA_EXTHDR_OP, op);
    }

    static @Nullable Expression from(AttributeTable tb, int where) {
        int besides = types(Exthdr.NFTA_EXTHDR_OP, Exthdr.NFTA_EXTHDR_FLAGS);
        if (tb.be32(Exthdr.NFTA_EXTHDR_FLAGS, 0) != 0) {
            return null;
        }
        if (!tb.holds(where | types(NFTA_EXTHDR_SREG), besides)) {
            return ExthdrReset.from(tb, where | besides);
        }
        return new ExthdrSet(
                tb.be32(Exthdr.NFTA_EXTHDR_OP, Exthdr.IPV6),
                tb.u8(Exthdr.NFTA_EXTHDR_TYPE, 0),
                tb.be32(Exthdr.NFTA_EXTHDR_OFFSET),
                tb.be32(Exthdr.NFTA_EXTHDR_LEN),
                tb.be32(NFTA_EXTHDR_SREG));
    }
}
