package org.mayfly.netlink.nft.expr;

import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/**
 * An expression kept as bytes. The kernel takes nearly all of them back as it gave them. It refuses, with {@code EINVAL}:
 * {@code osf}, which it gives back with flags that it does not take; and of {@code match} and {@code target}, which {@code
 * iptables-nft} makes, those for one protocol, which {@code NFTA_RULE_COMPAT} says in a request and nothing in a dump.
 *
 * @param data what stood inside {@code NFTA_EXPR_DATA}
 */
public record UnknownExpression(String name, Bytes data) implements Expression {
    @Override
    public void writeData(MessageWriter w) {
        data.write(w);
    }
}
