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

/**
 * A set: what a look-up asks. It is a hash table, as long as nobody sets {@code NFT_SET_INTERVAL}.
 *
 * @param flags {@code NFT_SET_*}
 * @param key of a set that was read, without its byte order
 * @param userData what it is for, and how {@code nft} prints it
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record NftSet(
        NftFamily family,
        String table,
        String name,
        int flags,
        KeyType key,
        UserData userData,
        long handle,
        List<RawAttribute> unknown) {
    /** Elements may have a deadline ({@code NFT_SET_TIMEOUT}). */
    public static final int TIMEOUT = 0x10;

    static final int NFTA_SET_TABLE = 1;
    static final int NFTA_SET_NAME = 2;
    static final int NFTA_SET_FLAGS = 3;
    static final int NFTA_SET_KEY_TYPE = 4;
    static final int NFTA_SET_KEY_LEN = 5;
    static final int NFTA_SET_ID = 10;
    static final int NFTA_SET_USERDATA = 13;
    static final int NFTA_SET_HANDLE = 16;

    static final AttributeNames NAMES = AttributeNames.of(
            "NFTA_SET_",
            "UNSPEC TABLE NAME FLAGS KEY_TYPE KEY_LEN DATA_TYPE DATA_LEN POLICY DESC ID TIMEOUT GC_INTERVAL USERDATA PAD OBJ_TYPE HANDLE EXPR EXPRESSIONS");

    private static final int UDATA_SET_KEYBYTEORDER = 0;
    private static final int UDATA_SET_COMMENT = 7;

    public NftSet {
        unknown = List.copyOf(unknown);
    }

    /**
     * A set of that table.
     *
     * @param comment what it is for; {@code nft list} shows it
     */
    public static NftSet of(Table table, String name, KeyType key, int flags, String comment) {
        UserData userData = UserData.EMPTY
                .with(UDATA_SET_KEYBYTEORDER, key.byteOrderBytes())
                .with(UDATA_SET_COMMENT, comment);
        return new NftSet(table.family(), table.name(), name, flags, key, userData, 0, List.of());
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
                .attrBe32(NFTA_SET_KEY_LEN, key.length())
                .attrBe32(NFTA_SET_ID, id);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_SET_USERDATA);
        }
    }

    static NftSet decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String name = null;
        int flags = 0;
        int keyType = 0;
        int keyLength = 0;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_TABLE -> table = a.string();
                case NFTA_SET_NAME -> name = a.string();
                case NFTA_SET_FLAGS -> flags = a.be32();
                case NFTA_SET_KEY_TYPE -> keyType = a.be32();
                case NFTA_SET_KEY_LEN -> keyLength = a.be32();
                case NFTA_SET_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_SET_HANDLE -> handle = a.be64();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || name == null) {
            throw new MalformedMessageException("a set without a name or a table", a.offset());
        }
        return new NftSet(family, table, name, flags, new KeyType(keyType, keyLength, 0), userData, handle, unknown);
    }
}
