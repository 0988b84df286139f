package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * Puts a value into a register. Source: {@code enum nft_immediate_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param register where to, not {@link Register#VERDICT}: that is for {@link Immediate}
 * @param value as it is to stand there, in the byte order of who reads it; see {@link Value}
 */
public record ImmediateValue(int register, Bytes value) implements Expression {
    public ImmediateValue {
        if (register == Register.VERDICT) {
            throw new IllegalArgumentException("NFT_REG_VERDICT holds a verdict, not " + value);
        }
    }

    @Override
    public String name() {
        return Immediate.NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(Immediate.NFTA_IMMEDIATE_DREG, register);
        DataAttribute.write(w, Immediate.NFTA_IMMEDIATE_DATA, value);
    }
}
