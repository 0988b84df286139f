package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * {@code target = source & mask ^ xor} ({@code NFT_BITWISE_MASK_XOR}). Source: {@code enum nft_bitwise_attributes} in
 * {@code linux/netfilter/nf_tables.h}.
 *
 * @param mask as the register has it; as many bytes as are worked on
 * @param xor as long as the mask
 */
public record Bitwise(int source, int target, Bytes mask, Bytes xor) implements Expression {
    static final String NAME = "bitwise";

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_BITWISE_", "UNSPEC SREG DREG LEN MASK XOR OP DATA SREG2")
            .nest("MASK", DataAttribute.NAMES)
            .nest("XOR", DataAttribute.NAMES)
            .nest("DATA", DataAttribute.NAMES);

    static final int NFTA_BITWISE_SREG = 1;
    static final int NFTA_BITWISE_DREG = 2;
    static final int NFTA_BITWISE_LEN = 3;
    private static final int NFTA_BITWISE_MASK = 4;
    private static final int NFTA_BITWISE_XOR = 5;
    static final int NFTA_BITWISE_OP = 6;
    private static final int NFT_BITWISE_MASK_XOR = 0;

    public Bitwise {
        if (mask.length() != xor.length()) {
            throw new IllegalArgumentException("mask and xor differ in length: " + mask + ", " + xor);
        }
    }

    /** Keeps only the bits of {@code mask} in a register. */
    public static Bitwise and(int register, Bytes mask) {
        return new Bitwise(register, register, mask, Bytes.of(new byte[mask.length()]));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_BITWISE_SREG, source)
                .attrBe32(NFTA_BITWISE_DREG, target)
                .attrBe32(NFTA_BITWISE_OP, NFT_BITWISE_MASK_XOR)
                .attrBe32(NFTA_BITWISE_LEN, mask.length());
        DataAttribute.write(w, NFTA_BITWISE_MASK, mask);
        DataAttribute.write(w, NFTA_BITWISE_XOR, xor);
    }

    /** One with mask and xor, one that shifts, or one of two registers. */
    static @Nullable Expression read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int registers = types(NFTA_BITWISE_SREG, NFTA_BITWISE_DREG, NFTA_BITWISE_LEN);
        int values = types(NFTA_BITWISE_MASK, NFTA_BITWISE_XOR);
        if (!tb.holds(registers | values, types(NFTA_BITWISE_OP))) {
            Expression shift = BitwiseShift.from(tb, registers);
            return shift != null ? shift : BitwiseBool.from(tb, registers);
        }
        Bytes mask = tb.value(NFTA_BITWISE_MASK);
        Bytes xor = tb.value(NFTA_BITWISE_XOR);
        int length = tb.be32(NFTA_BITWISE_LEN);
        int op = tb.be32(NFTA_BITWISE_OP, NFT_BITWISE_MASK_XOR); // kernels before 5.6 know no other and do not say it
        if (op != NFT_BITWISE_MASK_XOR || mask == null || xor == null) {
            return null;
        }
        return mask.length() == length && xor.length() == length
                ? new Bitwise(tb.be32(NFTA_BITWISE_SREG), tb.be32(NFTA_BITWISE_DREG), mask, xor)
                : null;
    }
}
