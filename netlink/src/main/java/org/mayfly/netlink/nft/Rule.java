package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Expression;

/**
 * A rule: expressions one after another, until one of them ends it. Source: {@code enum nft_rule_attributes} in {@code
 * linux/netfilter/nf_tables.h}.
 *
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record Rule(
        NftFamily family,
        String table,
        String chain,
        List<Expression> expressions,
        UserData userData,
        long handle,
        List<RawAttribute> unknown) {
    static final int NFTA_RULE_TABLE = 1;
    static final int NFTA_RULE_CHAIN = 2;
    static final int NFTA_RULE_HANDLE = 3;
    static final int NFTA_RULE_EXPRESSIONS = 4;
    static final int NFTA_RULE_POSITION = 6;
    static final int NFTA_RULE_USERDATA = 7;
    private static final int NFTA_RULE_PAD = 8;

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_RULE_",
                    "UNSPEC TABLE CHAIN HANDLE EXPRESSIONS COMPAT POSITION USERDATA PAD ID POSITION_ID CHAIN_ID")
            .nest("EXPRESSIONS", Expression.LIST_NAMES);

    public Rule {
        expressions = List.copyOf(expressions);
        unknown = List.copyOf(unknown);
    }

    /**
     * A rule of that chain.
     *
     * @param comment what it is for; {@code nft list} shows it
     */
    public static Rule of(Chain chain, String comment, List<Expression> expressions) {
        return new Rule(
                chain.family(), chain.table(), chain.name(), expressions, UserData.comment(comment), 0, List.of());
    }

    /** The same with other expressions: for {@link Batch#replace}. */
    public Rule withExpressions(List<Expression> others) {
        return new Rule(family, table, chain, others, userData, handle, unknown);
    }

    public @Nullable String comment() {
        return userData.comment();
    }

    /** The first counter; null if it has none. */
    public @Nullable Counter counter() {
        for (Expression e : expressions) {
            if (e instanceof Counter c) {
                return c;
            }
        }
        return null;
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_RULE_TABLE, table).attrString(NFTA_RULE_CHAIN, chain);
        Expression.writeList(w, NFTA_RULE_EXPRESSIONS, expressions);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_RULE_USERDATA);
        }
        unknown.forEach(a -> a.write(w));
    }

    static Rule decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String chain = null;
        List<Expression> expressions = List.of();
        UserData userData = UserData.EMPTY;
        long handle = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_RULE_TABLE -> table = a.string();
                case NFTA_RULE_CHAIN -> chain = a.string();
                case NFTA_RULE_HANDLE -> handle = a.be64();
                case NFTA_RULE_EXPRESSIONS -> expressions = Expression.readList(a.nested());
                case NFTA_RULE_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_RULE_POSITION -> a.be64(); // the handle of the rule before it: a dump is in order anyway
                case NFTA_RULE_PAD -> {
                    // aligns what follows
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || chain == null) {
            throw new MalformedMessageException("a rule without a table or a chain", a.offset());
        }
        return new Rule(family, table, chain, expressions, userData, handle, unknown);
    }
}
