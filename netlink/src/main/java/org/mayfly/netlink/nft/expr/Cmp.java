package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Goes on with the rule only if a register compares so with a value.
 *
 * @param op {@code NFT_CMP_*}
 * @param value as the register has it: network order for what came from the packet, host order for most else
 */
public record Cmp(int register, int op, Bytes value) implements Expression {
    public static final int EQ = 0;
    public static final int NEQ = 1;

    static final String NAME = "cmp";

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_CMP_", "UNSPEC SREG OP DATA").nest("DATA", DataAttribute.NAMES);

    private static final int NFTA_CMP_SREG = 1;
    private static final int NFTA_CMP_OP = 2;
    private static final int NFTA_CMP_DATA = 3;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_CMP_SREG, register).attrBe32(NFTA_CMP_OP, op);
        DataAttribute.write(w, NFTA_CMP_DATA, value);
    }

    static @Nullable Cmp read(AttributeReader a) {
        int register = -1;
        int op = -1;
        Bytes value = null;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_CMP_SREG -> register = a.be32();
                case NFTA_CMP_OP -> op = a.be32();
                case NFTA_CMP_DATA -> value = DataAttribute.read(a.nested());
                default -> {
                    return null;
                }
            }
        }
        return register < 0 || op < 0 || value == null ? null : new Cmp(register, op, value);
    }
}
