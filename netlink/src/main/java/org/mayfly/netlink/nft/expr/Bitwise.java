package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * {@code target = source & mask ^ xor} ({@code NFT_BITWISE_MASK_XOR}, the only operation known here).
 *
 * @param mask as the register has it; as many bytes as are worked on
 * @param xor as long as the mask
 */
public record Bitwise(int source, int target, Bytes mask, Bytes xor) implements Expression {
    static final String NAME = "bitwise";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_BITWISE_", "UNSPEC SREG DREG LEN MASK XOR OP DATA")
            .nest("MASK", DataAttribute.NAMES)
            .nest("XOR", DataAttribute.NAMES)
            .nest("DATA", DataAttribute.NAMES);

    private static final int NFTA_BITWISE_SREG = 1;
    private static final int NFTA_BITWISE_DREG = 2;
    private static final int NFTA_BITWISE_LEN = 3;
    private static final int NFTA_BITWISE_MASK = 4;
    private static final int NFTA_BITWISE_XOR = 5;
    private static final int NFTA_BITWISE_OP = 6;
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

    static @Nullable Bitwise read(AttributeReader a) {
        int source = -1;
        int target = -1;
        int op = NFT_BITWISE_MASK_XOR; // kernels before 5.6 know no other and do not say it
        int length = -1;
        Bytes mask = null;
        Bytes xor = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_BITWISE_SREG -> source = a.be32();
                case NFTA_BITWISE_DREG -> target = a.be32();
                case NFTA_BITWISE_OP -> op = a.be32();
                case NFTA_BITWISE_LEN -> length = a.be32();
                case NFTA_BITWISE_MASK -> mask = DataAttribute.read(a.nested());
                case NFTA_BITWISE_XOR -> xor = DataAttribute.read(a.nested());
                default -> {
                    return null;
                }
            }
        }
        if (source < 0 || target < 0 || op != NFT_BITWISE_MASK_XOR || mask == null || xor == null) {
            return null;
        }
        return mask.length() == length && xor.length() == length ? new Bitwise(source, target, mask, xor) : null;
    }
}
