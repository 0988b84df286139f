package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Adds what stands in the registers to a set, or takes it out. If the set is full, the rule ends there. Source: {@code
 * enum nft_dynset_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param set the name of a set or a map of the same table, with {@code NFT_SET_EVAL}
 * @param op {@code NFT_DYNSET_OP_*}
 * @param key the first register of the key
 * @param data the first register of what a map leads to; {@link Register#NONE} for a set
 * @param timeout how long the element lives, in milliseconds; zero for as long as the set says
 * @param expressions what is done with a packet of that element, such as {@link Limit} or {@link Counter}; the rule goes
 *     on if they do. Where the set has expressions of its own, the kernel does not give these back
 * @param inverted go on if it could <em>not</em> be done ({@code NFT_DYNSET_F_INV})
 */
public record Dynset(
        String set, int op, int key, int data, Duration timeout, List<Expression> expressions, boolean inverted)
        implements Expression {
    /** An element that is there already stays as it is. */
    public static final int ADD = 0;

    /** An element that is there already begins its time anew. */
    public static final int UPDATE = 1;

    /** Since Linux 5.4. */
    public static final int DELETE = 2;

    static final String NAME = "dynset";

    /** Others cannot stand here: the kernel calls these stateful. */
    private static final AttributeNames STATEFUL = AttributeNames.of("NFTA_EXPR_", "UNSPEC NAME DATA")
            .choose("DATA", "NAME", Map.of(Counter.NAME, Counter.NAMES, Limit.NAME, Limit.NAMES));

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_DYNSET_", "UNSPEC SET_NAME SET_ID OP SREG_KEY SREG_DATA TIMEOUT EXPR PAD FLAGS EXPRESSIONS")
            .nest("EXPR", STATEFUL)
            .nest("EXPRESSIONS", AttributeNames.listOf("NFTA_LIST_ELEM", STATEFUL));

    private static final int NFTA_DYNSET_SET_NAME = 1;
    private static final int NFTA_DYNSET_OP = 3;
    private static final int NFTA_DYNSET_SREG_KEY = 4;
    private static final int NFTA_DYNSET_SREG_DATA = 5;
    private static final int NFTA_DYNSET_TIMEOUT = 6;
    private static final int NFTA_DYNSET_EXPR = 7;
    private static final int NFTA_DYNSET_PAD = 8;
    private static final int NFTA_DYNSET_FLAGS = 9;
    private static final int NFTA_DYNSET_EXPRESSIONS = 10;
    private static final int NFT_DYNSET_F_INV = 1;

    /** There is a list of expressions; a dump does not say so. */
    private static final int NFT_DYNSET_F_EXPR = 2;

    public Dynset {
        expressions = List.copyOf(expressions);
    }

    /** Of a set, for as long as the set says. */
    public Dynset(String set, int op, int key) {
        this(set, op, key, Register.NONE, Duration.ZERO, List.of(), false);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_DYNSET_SREG_KEY, key);
        if (data != Register.NONE) {
            w.attrBe32(NFTA_DYNSET_SREG_DATA, data);
        }
        w.attrBe32(NFTA_DYNSET_OP, op);
        if (!timeout.isZero()) {
            w.attrBe64(NFTA_DYNSET_TIMEOUT, timeout.toMillis());
        }
        w.attrString(NFTA_DYNSET_SET_NAME, set);
        if (expressions.size() == 1) {
            Expression.write(w, NFTA_DYNSET_EXPR, expressions.get(0)); // kernels before 5.11 know no list
        } else if (!expressions.isEmpty()) {
            Expression.writeList(w, NFTA_DYNSET_EXPRESSIONS, expressions);
        }
        int flags = (inverted ? NFT_DYNSET_F_INV : 0) | (expressions.size() > 1 ? NFT_DYNSET_F_EXPR : 0);
        if (flags != 0) {
            w.attrBe32(NFTA_DYNSET_FLAGS, flags);
        }
    }

    static @Nullable Dynset read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        int plain = types(NFTA_DYNSET_SREG_DATA, NFTA_DYNSET_TIMEOUT, NFTA_DYNSET_FLAGS, NFTA_DYNSET_PAD);
        int nested = tb.has(NFTA_DYNSET_EXPR) ? types(NFTA_DYNSET_EXPR) : types(NFTA_DYNSET_EXPRESSIONS);
        if (!tb.holds(types(NFTA_DYNSET_SET_NAME, NFTA_DYNSET_OP, NFTA_DYNSET_SREG_KEY), plain | nested)) {
            return null;
        }
        List<Expression> expressions = readExpressions(tb);
        int flags = tb.be32(NFTA_DYNSET_FLAGS, 0);
        if (expressions == null || (flags & ~(NFT_DYNSET_F_INV | NFT_DYNSET_F_EXPR)) != 0) {
            return null;
        }
        return new Dynset(
                tb.string(NFTA_DYNSET_SET_NAME),
                tb.be32(NFTA_DYNSET_OP),
                tb.be32(NFTA_DYNSET_SREG_KEY),
                tb.be32(NFTA_DYNSET_SREG_DATA, Register.NONE),
                Duration.ofMillis(tb.be64(NFTA_DYNSET_TIMEOUT, 0)),
                expressions,
                (flags & NFT_DYNSET_F_INV) != 0);
    }

    private static @Nullable List<Expression> readExpressions(AttributeTable tb) {
        List<AttributeReader> each = new ArrayList<>();
        if (tb.has(NFTA_DYNSET_EXPR)) {
            each.add(tb.nested(NFTA_DYNSET_EXPR));
        } else if (tb.has(NFTA_DYNSET_EXPRESSIONS)) {
            AttributeReader list = tb.nested(NFTA_DYNSET_EXPRESSIONS);
            while (list.next()) {
                each.add(list.nested());
            }
        }
        List<Expression> expressions = new ArrayList<>();
        for (AttributeReader a : each) {
            AttributeTable e = AttributeTable.of(a.copy());
            if (e.has(Expression.NFTA_EXPR_NAME)
                    && e.string(Expression.NFTA_EXPR_NAME).equals(NAME)) {
                return null; // the kernel refuses it, and garbage could nest without end
            }
            expressions.add(Expression.read(a));
        }
        return expressions;
    }
}
