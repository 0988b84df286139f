package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Turns numbers from host into network order, or back: what {@link Cmp} and {@link Range} need to tell more from less.
 * Source: {@code enum nft_byteorder_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param op {@code NFT_BYTEORDER_*}
 * @param length bytes of all numbers together
 * @param size bytes of one number: 2, 4 or 8
 */
public record Byteorder(int source, int target, int op, int length, int size) implements Expression {
    /** From network to host order. */
    public static final int NTOH = 0;

    /** From host to network order. */
    public static final int HTON = 1;

    static final String NAME = "byteorder";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_BYTEORDER_", "UNSPEC SREG DREG OP LEN SIZE");

    private static final int NFTA_BYTEORDER_SREG = 1;
    private static final int NFTA_BYTEORDER_DREG = 2;
    private static final int NFTA_BYTEORDER_OP = 3;
    private static final int NFTA_BYTEORDER_LEN = 4;
    private static final int NFTA_BYTEORDER_SIZE = 5;

    /**
     * Turns one number from host into network order where it stands.
     *
     * @param size its bytes: 2, 4 or 8
     */
    public static Byteorder hton(int register, int size) {
        return new Byteorder(register, register, HTON, size, size);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_BYTEORDER_SREG, source)
                .attrBe32(NFTA_BYTEORDER_DREG, target)
                .attrBe32(NFTA_BYTEORDER_OP, op)
                .attrBe32(NFTA_BYTEORDER_LEN, length)
                .attrBe32(NFTA_BYTEORDER_SIZE, size);
    }

    static @Nullable Byteorder read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int registers = types(NFTA_BYTEORDER_SREG, NFTA_BYTEORDER_DREG);
        if (!tb.holds(registers | types(NFTA_BYTEORDER_OP, NFTA_BYTEORDER_LEN, NFTA_BYTEORDER_SIZE))) {
            return null;
        }
        return new Byteorder(
                tb.be32(NFTA_BYTEORDER_SREG),
                tb.be32(NFTA_BYTEORDER_DREG),
                tb.be32(NFTA_BYTEORDER_OP),
                tb.be32(NFTA_BYTEORDER_LEN),
                tb.be32(NFTA_BYTEORDER_SIZE));
    }
}
