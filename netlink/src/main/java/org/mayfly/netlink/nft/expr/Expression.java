package org.mayfly.netlink.nft.expr;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/**
 * One step of a rule. What the kernel calls one expression is two records here where it does two things: {@link Meta}
 * loads and {@link MetaSet} sets. An expression that this library does not know, or one with an attribute it does not
 * know, is read as an {@link UnknownExpression}, so that nothing of a rule is lost. Source: {@code enum
 * nft_expr_attributes} in {@code linux/netfilter/nf_tables.h}.
 */
public sealed interface Expression
        permits Bitwise,
                BitwiseBool,
                BitwiseShift,
                Byteorder,
                Cmp,
                Counter,
                Ct,
                CtSet,
                Dynset,
                Exthdr,
                ExthdrReset,
                ExthdrSet,
                Immediate,
                ImmediateValue,
                Limit,
                Log,
                LogGroup,
                Lookup,
                LookupMap,
                Meta,
                MetaSet,
                Notrack,
                Objref,
                ObjrefMap,
                Payload,
                PayloadWrite,
                Queue,
                Range,
                Redir,
                Reject,
                Socket,
                Tproxy,
                UnknownExpression {
    int NFTA_LIST_ELEM = 1;
    int NFTA_EXPR_NAME = 1;
    int NFTA_EXPR_DATA = 2;

    /** What is inside of an attribute that holds one expression. */
    AttributeNames EXPRESSION_NAMES = AttributeNames.of("NFTA_EXPR_", "UNSPEC NAME DATA")
            .choose(
                    "DATA",
                    "NAME",
                    Map.ofEntries(
                            Map.entry(Bitwise.NAME, Bitwise.NAMES),
                            Map.entry(Byteorder.NAME, Byteorder.NAMES),
                            Map.entry(Cmp.NAME, Cmp.NAMES),
                            Map.entry(Counter.NAME, Counter.NAMES),
                            Map.entry(Ct.NAME, Ct.NAMES),
                            Map.entry(Dynset.NAME, Dynset.NAMES),
                            Map.entry(Exthdr.NAME, Exthdr.NAMES),
                            Map.entry(Immediate.NAME, Immediate.NAMES),
                            Map.entry(Limit.NAME, Limit.NAMES),
                            Map.entry(Log.NAME, Log.NAMES),
                            Map.entry(Lookup.NAME, Lookup.NAMES),
                            Map.entry(Meta.NAME, Meta.NAMES),
                            Map.entry(Objref.NAME, Objref.NAMES),
                            Map.entry(Payload.NAME, Payload.NAMES),
                            Map.entry(Queue.NAME, Queue.NAMES),
                            Map.entry(Range.NAME, Range.NAMES),
                            Map.entry(Redir.NAME, Redir.NAMES),
                            Map.entry(Reject.NAME, Reject.NAMES),
                            Map.entry(Socket.NAME, Socket.NAMES),
                            Map.entry(Tproxy.NAME, Tproxy.NAMES)));

    /** What is inside of an attribute that holds a list of expressions. */
    AttributeNames LIST_NAMES = AttributeNames.listOf("NFTA_LIST_ELEM", EXPRESSION_NAMES);

    /** As the kernel spells it: {@code meta}, {@code payload}. */
    String name();

    /** Writes what stands inside {@code NFTA_EXPR_DATA}. */
    void writeData(MessageWriter w);

    /** Writes the expressions of a rule as an attribute of that type ({@code NFTA_RULE_EXPRESSIONS}). */
    static void writeList(MessageWriter w, int type, List<Expression> expressions) {
        int list = w.nest(type);
        for (Expression e : expressions) {
            write(w, NFTA_LIST_ELEM, e);
        }
        w.endNest(list);
    }

    /** Writes one expression as an attribute of that type ({@code NFTA_SET_ELEM_EXPR}). */
    static void write(MessageWriter w, int type, Expression e) {
        int element = w.nest(type);
        w.attrString(NFTA_EXPR_NAME, e.name());
        int data = w.nest(NFTA_EXPR_DATA);
        e.writeData(w);
        w.endNest(data);
        w.endNest(element);
    }

    /** Reads a list of expressions; the reader stands before its first element. */
    static List<Expression> readList(AttributeReader list) {
        List<Expression> found = new ArrayList<>();
        while (list.next()) {
            found.add(read(list.nested()));
        }
        return List.copyOf(found);
    }

    /** Reads one expression: what is inside of an attribute such as {@code NFTA_SET_ELEM_EXPR}. */
    static Expression read(AttributeReader a) {
        String name = null;
        AttributeReader data = new AttributeReader(ByteBuffer.allocate(0), 0, 0);
        Bytes raw = Bytes.EMPTY; // an expression without data has nothing to say but its name
        while (a.next()) {
            switch (a.type()) {
                case NFTA_EXPR_NAME -> name = a.string();
                case NFTA_EXPR_DATA -> {
                    data = a.nested();
                    raw = Bytes.of(a.bytes());
                }
                default -> {
                    // NFTA_EXPR_PAD and what may come: the kernel ignores it as well
                }
            }
        }
        if (name == null) {
            throw new MalformedMessageException("an expression without a name", a.offset());
        }
        Expression known = readData(name, data);
        return known == null ? new UnknownExpression(name, raw) : known;
    }

    private static @Nullable Expression readData(String name, AttributeReader data) {
        return switch (name) {
            case Bitwise.NAME -> Bitwise.read(data);
            case Byteorder.NAME -> Byteorder.read(data);
            case Cmp.NAME -> Cmp.read(data);
            case Counter.NAME -> Counter.read(data);
            case Ct.NAME -> Ct.read(data);
            case Dynset.NAME -> Dynset.read(data);
            case Exthdr.NAME -> Exthdr.read(data);
            case Immediate.NAME -> Immediate.read(data);
            case Limit.NAME -> Limit.read(data);
            case Log.NAME -> Log.read(data);
            case Lookup.NAME -> Lookup.read(data);
            case Meta.NAME -> Meta.read(data);
            case Notrack.NAME -> Notrack.read(data);
            case Objref.NAME -> Objref.read(data);
            case Payload.NAME -> Payload.read(data);
            case Queue.NAME -> Queue.read(data);
            case Range.NAME -> Range.read(data);
            case Redir.NAME -> Redir.read(data);
            case Reject.NAME -> Reject.read(data);
            case Socket.NAME -> Socket.read(data);
            case Tproxy.NAME -> Tproxy.read(data);
            default -> null;
        };
    }
}
