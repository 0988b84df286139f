package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * {@code target = source << bits}, or to the right, in words of host order. Since Linux 5.6. Source: {@code enum
 * nft_bitwise_ops} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param op {@link #LSHIFT} or {@link #RSHIFT}
 * @param length bytes to shift, a multiple of 4 where a number is to keep its meaning
 * @param bits how far, 1 to 31
 */
public record BitwiseShift(int source, int target, int op, int length, int bits) implements Expression {
    public static final int LSHIFT = 1;
    public static final int RSHIFT = 2;

    private static final int NFTA_BITWISE_DATA = 7;

    @Override
    public String name() {
        return Bitwise.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Bitwise.NFTA_BITWISE_SREG, source)
                .attrBe32(Bitwise.NFTA_BITWISE_DREG, target)
                .attrBe32(Bitwise.NFTA_BITWISE_OP, op)
                .attrBe32(Bitwise.NFTA_BITWISE_LEN, length);
        DataAttribute.write(w, NFTA_BITWISE_DATA, Value.host32(bits));
    }

    static @Nullable BitwiseShift from(AttributeTable tb, int registers) {
        if (!tb.holds(registers | types(Bitwise.NFTA_BITWISE_OP, NFTA_BITWISE_DATA))) {
            return null;
        }
        int op = tb.be32(Bitwise.NFTA_BITWISE_OP);
        Bytes bits = tb.value(NFTA_BITWISE_DATA);
        if (op != LSHIFT && op != RSHIFT || bits == null || bits.length() != Integer.BYTES) {
            return null;
        }
        return new BitwiseShift(
                tb.be32(Bitwise.NFTA_BITWISE_SREG),
                tb.be32(Bitwise.NFTA_BITWISE_DREG),
                op,
                tb.be32(Bitwise.NFTA_BITWISE_LEN),
                ByteBuffer.wrap(bits.toArray()).order(ByteOrder.nativeOrder()).getInt());
    }
}
