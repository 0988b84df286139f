package org.mayfly.netlink.nft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.DataAttribute;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Verdict;

/**
 * One element of a set or a map. Source: {@code enum nft_set_elem_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param key as long as the set's key; empty for the one that stands for all others ({@link #CATCHALL})
 * @param keyEnd the last key of an interval, in a set that has both {@link NftSet#INTERVAL} and {@link NftSet#CONCAT};
 *     else null
 * @param flags {@code NFT_SET_ELEM_*}
 * @param data what it leads to in a map; null in a set, and at the end of an interval
 * @param timeout how long it lives from when it was added; null for as long as the set says, and if that says nothing
 *     for ever; zero for ever whatever the set says (since Linux 6.12)
 * @param expiration how much of that is left; null in one that is to be added anew
 * @param expressions what is done with a packet that matches it, such as to count it: those of the set, if that has
 *     some
 * @param unknown attributes this library has no name for
 */
public record SetElement(
        Bytes key,
        @Nullable Bytes keyEnd,
        int flags,
        @Nullable MapData data,
        @Nullable Duration timeout,
        @Nullable Duration expiration,
        List<Expression> expressions,
        UserData userData,
        List<RawAttribute> unknown) {
    /** {@code NFT_SET_ELEM_INTERVAL_END}: not in the interval any more that the element before it began. */
    public static final int INTERVAL_END = 1;

    /** {@code NFT_SET_ELEM_CATCHALL}: for whatever has no element of its own. Since Linux 5.13. */
    public static final int CATCHALL = 2;

    static final int NFTA_LIST_ELEM = 1;
    static final int NFTA_SET_ELEM_KEY = 1;
    static final int NFTA_SET_ELEM_DATA = 2;
    private static final int NFTA_SET_ELEM_FLAGS = 3;
    static final int NFTA_SET_ELEM_TIMEOUT = 4;
    static final int NFTA_SET_ELEM_EXPIRATION = 5;
    static final int NFTA_SET_ELEM_USERDATA = 6;
    private static final int NFTA_SET_ELEM_EXPR = 7;
    private static final int NFTA_SET_ELEM_PAD = 8;
    static final int NFTA_SET_ELEM_OBJREF = 9;
    private static final int NFTA_SET_ELEM_KEY_END = 10;
    private static final int NFTA_SET_ELEM_EXPRESSIONS = 11;

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_SET_ELEM_",
                    "UNSPEC KEY DATA FLAGS TIMEOUT EXPIRATION USERDATA EXPR PAD OBJREF KEY_END EXPRESSIONS")
            .nest("KEY", DataAttribute.NAMES)
            .nest("KEY_END", DataAttribute.NAMES)
            .nest("DATA", DataAttribute.NAMES)
            .nest("EXPR", Expression.EXPRESSION_NAMES)
            .nest("EXPRESSIONS", Expression.LIST_NAMES);

    public SetElement {
        expressions = List.copyOf(expressions);
        unknown = List.copyOf(unknown);
    }

    /** One of a set, without expressions. */
    public SetElement(
            Bytes key,
            @Nullable Duration timeout,
            @Nullable Duration expiration,
            UserData userData,
            List<RawAttribute> unknown) {
        this(key, null, 0, null, timeout, expiration, List.of(), userData, unknown);
    }

    /** One that stays, or goes as the set says. */
    public static SetElement of(Bytes key) {
        return new SetElement(key, null, null, UserData.EMPTY, List.of());
    }

    /**
     * One that goes by itself; the kernel counts in milliseconds.
     *
     * @throws IllegalArgumentException for less than one: the kernel would take 0 for ever
     */
    public static SetElement of(Bytes key, Duration timeout) {
        if (timeout.toMillis() <= 0) {
            throw new IllegalArgumentException("an element cannot live for " + timeout);
        }
        return new SetElement(key, timeout, null, UserData.EMPTY, List.of());
    }

    /** One of a map. */
    public static SetElement of(Bytes key, MapData data) {
        return of(key).with(data);
    }

    /** Where an interval ends: the first key that is not in it. */
    public static SetElement endOfInterval(Bytes key) {
        return new SetElement(key, null, INTERVAL_END, null, null, null, List.of(), UserData.EMPTY, List.of());
    }

    /** The one for whatever has no element of its own. */
    public static SetElement catchAll() {
        return new SetElement(Bytes.EMPTY, null, CATCHALL, null, null, null, List.of(), UserData.EMPTY, List.of());
    }

    /** An interval of a concatenation, both ends in it. */
    public static SetElement range(Bytes first, Bytes last) {
        return new SetElement(first, last, 0, null, null, null, List.of(), UserData.EMPTY, List.of());
    }

    public SetElement with(@Nullable MapData leadsTo) {
        return new SetElement(key, keyEnd, flags, leadsTo, timeout, expiration, expressions, userData, unknown);
    }

    /** @param life null for as long as the set says */
    public SetElement withTimeout(@Nullable Duration life) {
        return new SetElement(key, keyEnd, flags, data, life, null, expressions, userData, unknown);
    }

    public SetElement withComment(String text) {
        return new SetElement(
                key, keyEnd, flags, data, timeout, expiration, expressions, userData.withComment(text), unknown);
    }

    public SetElement withExpressions(List<Expression> some) {
        return new SetElement(key, keyEnd, flags, data, timeout, expiration, some, userData, unknown);
    }

    /** What names it: enough to find it or to delete it. */
    SetElement keyAlone() {
        return new SetElement(key, keyEnd, flags, null, null, null, List.of(), UserData.EMPTY, List.of());
    }

    void write(MessageWriter w) {
        int element = w.nest(NFTA_LIST_ELEM);
        if (flags != 0) {
            w.attrBe32(NFTA_SET_ELEM_FLAGS, flags);
        }
        if (timeout != null) {
            w.attrBe64(NFTA_SET_ELEM_TIMEOUT, timeout.toMillis());
        }
        if (expiration != null) {
            w.attrBe64(NFTA_SET_ELEM_EXPIRATION, expiration.toMillis());
        }
        if (key.length() > 0) {
            DataAttribute.write(w, NFTA_SET_ELEM_KEY, key);
        }
        if (keyEnd != null) {
            DataAttribute.write(w, NFTA_SET_ELEM_KEY_END, keyEnd);
        }
        if (data != null) {
            data.write(w);
        }
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_SET_ELEM_USERDATA);
        }
        writeExpressions(w, NFTA_SET_ELEM_EXPR, NFTA_SET_ELEM_EXPRESSIONS, expressions);
        RawAttribute.writeAll(unknown, w);
        w.endNest(element);
    }

    /** One expression has an attribute of its own, which kernels before 5.11 know as well; more are a list. */
    static void writeExpressions(MessageWriter w, int one, int list, List<Expression> expressions) {
        if (expressions.size() == 1) {
            Expression.write(w, one, expressions.get(0));
        } else if (!expressions.isEmpty()) {
            Expression.writeList(w, list, expressions);
        }
    }

    static SetElement read(AttributeReader a) {
        Bytes key = Bytes.EMPTY;
        Bytes keyEnd = null;
        int flags = 0;
        MapData data = null;
        Duration timeout = null;
        Duration expiration = null;
        List<Expression> expressions = List.of();
        UserData userData = UserData.EMPTY;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_ELEM_KEY -> key = key(a);
                case NFTA_SET_ELEM_KEY_END -> keyEnd = key(a);
                case NFTA_SET_ELEM_FLAGS -> flags = a.be32();
                case NFTA_SET_ELEM_TIMEOUT -> timeout = Duration.ofMillis(a.be64());
                case NFTA_SET_ELEM_EXPIRATION -> expiration = Duration.ofMillis(a.be64());
                case NFTA_SET_ELEM_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_SET_ELEM_OBJREF -> data = new MapData.Named(a.string());
                case NFTA_SET_ELEM_EXPR -> expressions = List.of(Expression.read(a.nested()));
                case NFTA_SET_ELEM_EXPRESSIONS -> expressions = Expression.readList(a.nested());
                case NFTA_SET_ELEM_DATA -> {
                    MapData read = data(a);
                    if (read == null) {
                        unknown.add(RawAttribute.of(a));
                    } else {
                        data = read;
                    }
                }
                case NFTA_SET_ELEM_PAD -> {
                    // aligns what follows
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (key.length() == 0 && (flags & CATCHALL) == 0) {
            throw new MalformedMessageException("an element without a key", a.offset());
        }
        return new SetElement(key, keyEnd, flags, data, timeout, expiration, expressions, userData, unknown);
    }

    private static Bytes key(AttributeReader a) {
        Bytes key = DataAttribute.read(a.nested());
        if (key == null) {
            throw new MalformedMessageException("a key without a value", a.offset());
        }
        return key;
    }

    private static @Nullable MapData data(AttributeReader a) {
        Bytes value = DataAttribute.read(a.nested());
        if (value != null) {
            return new MapData.Value(value);
        }
        Verdict verdict = DataAttribute.readVerdict(a.nested());
        return verdict == null ? null : new MapData.Decision(verdict);
    }
}
