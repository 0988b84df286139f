package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Sends a new connection to this host itself, whatever its destination was. For a chain of type {@code nat} at prerouting
 * or output. Source: {@code enum nft_redir_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param protoMin register with the port, or the first of several to choose from, in network order; {@link Register#NONE}
 *     to leave it as it is
 * @param protoMax register with the last port; the same as {@code protoMin} for one port
 * @param flags {@code NF_NAT_RANGE_*}
 */
public record Redir(int protoMin, int protoMax, int flags) implements Expression {
    /** {@code NF_NAT_RANGE_PROTO_SPECIFIED} of {@code linux/netfilter/nf_nat.h}: there is a port. */
    public static final int PROTO_SPECIFIED = 2;

    /** {@code NF_NAT_RANGE_PROTO_RANDOM}. */
    public static final int PROTO_RANDOM = 4;

    /** {@code NF_NAT_RANGE_PERSISTENT}: the same for all connections of a client. */
    public static final int PERSISTENT = 8;

    /** {@code NF_NAT_RANGE_PROTO_RANDOM_FULLY}. */
    public static final int PROTO_RANDOM_FULLY = 16;

    static final String NAME = "redir";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_REDIR_", "UNSPEC REG_PROTO_MIN REG_PROTO_MAX FLAGS");

    private static final int NFTA_REDIR_REG_PROTO_MIN = 1;
    private static final int NFTA_REDIR_REG_PROTO_MAX = 2;
    private static final int NFTA_REDIR_FLAGS = 3;

    public Redir {
        protoMax = protoMax == Register.NONE ? protoMin : protoMax;
    }

    /** To the port that stands in a register. */
    public static Redir toPort(int register) {
        return new Redir(register, register, PROTO_SPECIFIED);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        if (protoMin != Register.NONE) {
            w.attrBe32(NFTA_REDIR_REG_PROTO_MIN, protoMin);
        }
        if (protoMax != protoMin) {
            w.attrBe32(NFTA_REDIR_REG_PROTO_MAX, protoMax);
        }
        if (flags != 0) {
            w.attrBe32(NFTA_REDIR_FLAGS, flags);
        }
    }

    static @Nullable Redir read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(0, types(NFTA_REDIR_REG_PROTO_MIN, NFTA_REDIR_REG_PROTO_MAX, NFTA_REDIR_FLAGS))) {
            return null;
        }
        int min = tb.be32(NFTA_REDIR_REG_PROTO_MIN, Register.NONE);
        return new Redir(min, tb.be32(NFTA_REDIR_REG_PROTO_MAX, min), tb.be32(NFTA_REDIR_FLAGS, 0));
    }
}
