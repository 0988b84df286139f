package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Counter;

/**
 * What has a name and a state of its own, and is used by rules and maps: a counter that several rules count with. Of
 * the kinds of objects only {@link NamedCounter} has a meaning here; the others are kept as bytes ({@link
 * OtherObject}). Source: {@code enum nft_object_attributes} in {@code linux/netfilter/nf_tables.h}.
 */
public sealed interface NftObject permits NamedCounter, OtherObject {
    /** Any type, where objects are asked for ({@code NFT_OBJECT_UNSPEC}). */
    int ANY = 0;

    /** {@code NFT_OBJECT_COUNTER}. */
    int COUNTER = 1;

    /** {@code NFT_OBJECT_QUOTA}. */
    int QUOTA = 2;

    /** {@code NFT_OBJECT_LIMIT}. */
    int LIMIT = 4;

    int NFTA_OBJ_TABLE = 1;
    int NFTA_OBJ_NAME = 2;
    int NFTA_OBJ_TYPE = 3;
    int NFTA_OBJ_DATA = 4;
    int NFTA_OBJ_USE = 5;
    int NFTA_OBJ_HANDLE = 6;
    int NFTA_OBJ_PAD = 7;
    int NFTA_OBJ_USERDATA = 8;

    AttributeNames NAMES = AttributeNames.of("NFTA_OBJ_", "UNSPEC TABLE NAME TYPE DATA USE HANDLE PAD USERDATA");

    NftFamily family();

    String table();

    String name();

    /** {@code NFT_OBJECT_*}. */
    int type();

    UserData userData();

    /** The kernel's number for it; 0 in one that is to be added. */
    long handle();

    /** Attributes this library has no name for. */
    List<RawAttribute> unknown();

    /** Writes what stands inside {@code NFTA_OBJ_DATA}. */
    void writeData(MessageWriter w);

    /** What {@code nft list} shows; null if there is none. */
    default @Nullable String comment() {
        return userData().comment();
    }

    /** Writes all that a request to add it has behind {@code struct nfgenmsg}. */
    default void write(MessageWriter w) {
        w.attrString(NFTA_OBJ_TABLE, table()).attrString(NFTA_OBJ_NAME, name()).attrBe32(NFTA_OBJ_TYPE, type());
        if (userData().bytes().length() > 0) {
            userData().bytes().write(w, NFTA_OBJ_USERDATA);
        }
        int data = w.nest(NFTA_OBJ_DATA);
        writeData(w);
        w.endNest(data);
        unknown().forEach(a -> a.write(w));
    }

    /** Reads a message's payload. */
    static NftObject decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String name = null;
        int type = 0;
        Bytes data = Bytes.EMPTY;
        AttributeReader inside = null;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_OBJ_TABLE -> table = a.string();
                case NFTA_OBJ_NAME -> name = a.string();
                case NFTA_OBJ_TYPE -> type = a.be32();
                case NFTA_OBJ_HANDLE -> handle = a.be64();
                case NFTA_OBJ_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_OBJ_USE -> a.be32(); // how many rules and elements use it
                case NFTA_OBJ_DATA -> {
                    data = Bytes.of(a.bytes());
                    inside = a.nested();
                }
                case NFTA_OBJ_PAD -> {
                    // aligns what follows
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (table == null || name == null) {
            throw new MalformedMessageException("an object without a name or a table", a.offset());
        }
        Counter counter = type != COUNTER ? null : inside == null ? Counter.ZERO : Counter.read(inside);
        return counter != null
                ? new NamedCounter(family, table, name, counter.packets(), counter.bytes(), userData, handle, unknown)
                : new OtherObject(family, table, name, type, data, userData, handle, unknown);
    }
}
