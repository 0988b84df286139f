package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * An expression kept as bytes.
 *
 * @param data what stood inside {@code NFTA_EXPR_DATA}
 */
public record UnknownExpression(String name, Bytes data) implements Expression {
    @Override
    public void writeData(MessageWriter w) {
        data.write(w);
    }
}
