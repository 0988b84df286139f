package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Expression;

/**
 * A set, which says whether it has a key; or a map, which says what a key leads to. It is a hash table, as long as
 * nobody sets {@link #INTERVAL}. Source: {@code enum nft_set_attributes} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param flags {@code NFT_SET_*}
 * @param data of a {@link #MAP}, the type of what its keys lead to; else null
 * @param objectType of an {@link #OBJECT} map, {@code NFT_OBJECT_*}; else 0
 * @param userData what it is for, and how {@code nft} prints it
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param count how many elements it has, where the kernel says so (6.16); else null. Not written
 * @param unknown attributes this library has no name for
 */
public record NftSet(
        NftFamily family,
        String table,
        String name,
        int flags,
        KeyType key,
        @Nullable KeyType data,
        int objectType,
        SetOptions options,
        UserData userData,
        long handle,
        @Nullable Integer count,
        List<RawAttribute> unknown) {
    /** {@code NFT_SET_ANONYMOUS}: belongs to the one rule that asks it, and goes with it. */
    public static final int ANONYMOUS = 1;

    /** {@code NFT_SET_CONSTANT}: does not change once a rule asks it. */
    public static final int CONSTANT = 2;

    /**
     * {@code NFT_SET_INTERVAL}: its elements begin and end intervals. Slower than a hash, the more so the more elements
     * there are.
     */
    public static final int INTERVAL = 4;

    /** {@code NFT_SET_MAP}. */
    public static final int MAP = 8;

    /** Elements may have a deadline ({@code NFT_SET_TIMEOUT}). */
    public static final int TIMEOUT = 0x10;

    /** {@code NFT_SET_EVAL}: rules may add elements. */
    public static final int EVAL = 0x20;

    /** {@code NFT_SET_OBJECT}: a map to named objects. */
    public static final int OBJECT = 0x40;

    /** {@code NFT_SET_CONCAT}: intervals in each field of a concatenation; needs {@link SetOptions#fields}. */
    public static final int CONCAT = 0x80;

    /** {@code NFT_SET_EXPR}: elements have expressions. The kernel sets it by itself. */
    public static final int EXPR = 0x100;

    static final int NFTA_SET_TABLE = 1;
    static final int NFTA_SET_NAME = 2;
    static final int NFTA_SET_FLAGS = 3;
    static final int NFTA_SET_KEY_TYPE = 4;
    static final int NFTA_SET_KEY_LEN = 5;
    static final int NFTA_SET_DATA_TYPE = 6;
    static final int NFTA_SET_DATA_LEN = 7;
    static final int NFTA_SET_POLICY = 8;
    static final int NFTA_SET_DESC = 9;
    static final int NFTA_SET_ID = 10;
    static final int NFTA_SET_TIMEOUT = 11;
    static final int NFTA_SET_GC_INTERVAL = 12;
    static final int NFTA_SET_USERDATA = 13;
    static final int NFTA_SET_PAD = 14;
    static final int NFTA_SET_OBJ_TYPE = 15;
    static final int NFTA_SET_HANDLE = 16;
    static final int NFTA_SET_EXPR = 17;
    static final int NFTA_SET_EXPRESSIONS = 18;
    static final int NFTA_SET_TYPE = 19;
    static final int NFTA_SET_COUNT = 20;

    static final AttributeNames NAMES = AttributeNames.of(
                    "NFTA_SET_",
                    "UNSPEC TABLE NAME FLAGS KEY_TYPE KEY_LEN DATA_TYPE DATA_LEN POLICY DESC ID TIMEOUT GC_INTERVAL"
                            + " USERDATA PAD OBJ_TYPE HANDLE EXPR EXPRESSIONS TYPE COUNT")
            .nest("DESC", SetDescription.NAMES)
            .nest("EXPR", Expression.EXPRESSION_NAMES)
            .nest("EXPRESSIONS", Expression.LIST_NAMES);

    /** Items of the user data, as {@code libnftnl/udata.h} numbers them. */
    private static final int UDATA_SET_KEYBYTEORDER = 0;

    private static final int UDATA_SET_DATABYTEORDER = 1;
    private static final int UDATA_SET_COMMENT = 7;

    public NftSet {
        unknown = List.copyOf(unknown);
    }

    /** A set with nothing out of the ordinary. */
    public NftSet(
            NftFamily family,
            String table,
            String name,
            int flags,
            KeyType key,
            UserData userData,
            long handle,
            List<RawAttribute> unknown) {
        this(family, table, name, flags, key, null, 0, SetOptions.NONE, userData, handle, null, unknown);
    }

    /**
     * A set of that table.
     *
     * @param comment what it is for; {@code nft list} shows it
     */
    public static NftSet of(Table table, String name, KeyType key, int flags, String comment) {
        return of(table, name, flags, key, null, 0, comment);
    }

    /**
     * A map to values, or with {@link KeyType#VERDICT} to what becomes of a packet.
     *
     * @param flags those beside {@link #MAP}
     */
    public static NftSet map(Table table, String name, KeyType key, KeyType data, int flags, String comment) {
        return of(table, name, flags | MAP, key, data, 0, comment);
    }

    /**
     * A map to named objects.
     *
     * @param objectType {@link NftObject#COUNTER} and its kind
     * @param flags those beside {@link #OBJECT}
     */
    public static NftSet objects(Table table, String name, KeyType key, int objectType, int flags, String comment) {
        return of(table, name, flags | OBJECT, key, null, objectType, comment);
    }

    private static NftSet of(
            Table table, String name, int flags, KeyType key, @Nullable KeyType data, int objectType, String comment) {
        UserData u = UserData.EMPTY.with(UDATA_SET_KEYBYTEORDER, key.byteOrderBytes());
        if (data != null) {
            u = u.with(UDATA_SET_DATABYTEORDER, data.byteOrderBytes());
        }
        u = u.with(UDATA_SET_COMMENT, comment);
        return new NftSet(
                table.family(),
                table.name(),
                name,
                flags,
                key,
                data,
                objectType,
                SetOptions.NONE,
                u,
                0,
                null,
                List.of());
    }

    public NftSet withOptions(SetOptions some) {
        return new NftSet(family, table, name, flags, key, data, objectType, some, userData, handle, count, unknown);
    }

    public @Nullable String comment() {
        return userData.text(UDATA_SET_COMMENT);
    }

    /**
     * @param id different for every set of a batch ({@code NFTA_SET_ID}); the kernel insists on one
     */
    void write(MessageWriter w, int id) {
        w.attrString(NFTA_SET_TABLE, table)
                .attrString(NFTA_SET_NAME, name)
                .attrBe32(NFTA_SET_FLAGS, flags)
                .attrBe32(NFTA_SET_KEY_TYPE, key.number())
                .attrBe32(NFTA_SET_KEY_LEN, key.length());
        if (data != null) {
            w.attrBe32(NFTA_SET_DATA_TYPE, data.number()).attrBe32(NFTA_SET_DATA_LEN, data.length());
        }
        if (objectType != 0) {
            w.attrBe32(NFTA_SET_OBJ_TYPE, objectType);
        }
        w.attrBe32(NFTA_SET_ID, id);
        SetDescription.write(w, options);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_SET_USERDATA);
        }
        SetElement.writeExpressions(w, NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS, options.expressions());
        unknown.forEach(a -> a.write(w));
    }

    static NftSet decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String name = null;
        int flags = 0;
        int keyType = 0;
        int keyLength = 0;
        Integer dataType = null;
        int dataLength = 0;
        int objectType = 0;
        SetOptions options = SetOptions.NONE;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        Integer count = null;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_TABLE -> table = a.string();
                case NFTA_SET_NAME -> name = a.string();
                case NFTA_SET_FLAGS -> flags = a.be32();
                case NFTA_SET_KEY_TYPE -> keyType = a.be32();
                case NFTA_SET_KEY_LEN -> keyLength = a.be32();
                case NFTA_SET_DATA_TYPE -> dataType = a.be32();
                case NFTA_SET_DATA_LEN -> dataLength = a.be32();
                case NFTA_SET_OBJ_TYPE -> objectType = a.be32();
                case NFTA_SET_POLICY -> options = options.withPolicy(a.be32());
                case NFTA_SET_DESC -> {
                    SetOptions described = SetDescription.read(a.nested());
                    options = options.withSize(described.size()).withFields(described.fields());
                }
                case NFTA_SET_TIMEOUT -> options = options.withTimeout(Duration.ofMillis(a.be64()));
                case NFTA_SET_GC_INTERVAL ->
                    options = options.withGcInterval(Duration.ofMillis(Integer.toUnsignedLong(a.be32())));
                case NFTA_SET_EXPR -> options = options.withExpressions(List.of(Expression.read(a.nested())));
                case NFTA_SET_EXPRESSIONS -> options = options.withExpressions(Expression.readList(a.nested()));
                case NFTA_SET_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_SET_HANDLE -> handle = a.be64();
                case NFTA_SET_COUNT -> count = a.be32();
                case NFTA_SET_ID, NFTA_SET_TYPE, NFTA_SET_PAD -> {
                    // of a request alone; where the kernel's code for it is, which helps nobody; what aligns the next
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || name == null) {
            throw new MalformedMessageException("a set without a name or a table", a.offset());
        }
        KeyType key = KeyType.of(keyType, keyLength, userData, UDATA_SET_KEYBYTEORDER);
        KeyType data = dataType == null ? null : KeyType.of(dataType, dataLength, userData, UDATA_SET_DATABYTEORDER);
        return new NftSet(family, table, name, flags, key, data, objectType, options, userData, handle, count, unknown);
    }
}
