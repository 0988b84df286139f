package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;

/**
 * The attributes of an expression by their numbers, as the kernel's {@code nla_parse()} lays them out in {@code tb[]}. A
 * codec asks first whether it {@link #holds} what it knows and nothing else; if it does not, the expression is kept as
 * bytes.
 *
 * <pre>{@code
 * AttributeTable tb = AttributeTable.of(a);
 * if (!tb.holds(types(NFTA_LOOKUP_SET, NFTA_LOOKUP_SREG), types(NFTA_LOOKUP_FLAGS))) {
 *     return null;
 * }
 * }</pre>
 */
final class AttributeTable {
    /** More than any expression has. */
    private static final int SIZE = 32;

    private final @Nullable AttributeReader[] tb = new AttributeReader[SIZE];
    private int present;
    private boolean odd;

    private AttributeTable() {}

    /** Reads to the end. */
    static AttributeTable of(AttributeReader a) {
        AttributeTable table = new AttributeTable();
        while (a.next()) {
            int type = a.type();
            if (type >= SIZE || table.tb[type] != null) {
                table.odd = true; // nobody knows it, or it is there twice
            } else {
                table.tb[type] = a.copy();
                table.present |= 1 << type;
            }
        }
        return table;
    }

    /** A set of attributes, for {@link #holds}. */
    static int types(int... types) {
        int bits = 0;
        for (int type : types) {
            bits |= 1 << type;
        }
        return bits;
    }

    /** Each of these once, and nothing else. */
    boolean holds(int required) {
        return holds(required, 0);
    }

    /** Each of {@code required} once, perhaps some of {@code optional}, and nothing else. */
    boolean holds(int required, int optional) {
        return !odd && (present & required) == required && (present & ~(required | optional)) == 0;
    }

    boolean has(int type) {
        return tb[type] != null;
    }

    int u8(int type, int otherwise) {
        AttributeReader a = tb[type];
        return a == null ? otherwise : a.u8();
    }

    int be16(int type, int otherwise) {
        AttributeReader a = tb[type];
        return a == null ? otherwise : a.be16();
    }

    int be32(int type) {
        return at(type).be32();
    }

    int be32(int type, int otherwise) {
        AttributeReader a = tb[type];
        return a == null ? otherwise : a.be32();
    }

    long be64(int type) {
        return at(type).be64();
    }

    long be64(int type, long otherwise) {
        AttributeReader a = tb[type];
        return a == null ? otherwise : a.be64();
    }

    String string(int type) {
        return at(type).string();
    }

    String string(int type, String otherwise) {
        AttributeReader a = tb[type];
        return a == null ? otherwise : a.string();
    }

    /** What the attribute nests as {@code NFTA_DATA_VALUE}; null if it nests anything else. */
    @Nullable
    Bytes value(int type) {
        return DataAttribute.read(nested(type));
    }

    AttributeReader nested(int type) {
        return at(type).nested();
    }

    private AttributeReader at(int type) {
        AttributeReader a = tb[type];
        if (a == null) {
            throw new IllegalArgumentException("attribute " + type + " was not asked for as required");
        }
        return a;
    }
}
