package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A table: what chains and sets live in.
 *
 * @param flags {@code NFT_TABLE_F_*}
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record Table(
        NftFamily family, String name, int flags, UserData userData, long handle, List<RawAttribute> unknown) {
    static final int NFTA_TABLE_NAME = 1;
    static final int NFTA_TABLE_FLAGS = 2;
    static final int NFTA_TABLE_USE = 3;
    static final int NFTA_TABLE_HANDLE = 4;
    static final int NFTA_TABLE_USERDATA = 6;

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_TABLE_", "UNSPEC NAME FLAGS USE HANDLE PAD USERDATA OWNER");

    public Table {
        unknown = List.copyOf(unknown);
    }

    public Table(NftFamily family, String name) {
        this(family, name, 0, UserData.EMPTY, 0, List.of());
    }

    public Table withComment(String text) {
        return new Table(family, name, flags, UserData.comment(text), handle, unknown);
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_TABLE_NAME, name).attrBe32(NFTA_TABLE_FLAGS, flags);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_TABLE_USERDATA);
        }
    }

    static Table decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String name = null;
        int flags = 0;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_TABLE_NAME -> name = a.string();
                case NFTA_TABLE_FLAGS -> flags = a.be32();
                case NFTA_TABLE_USE -> a.be32(); // how many objects it holds
                case NFTA_TABLE_HANDLE -> handle = a.be64();
                case NFTA_TABLE_USERDATA -> userData = UserData.of(a.bytes());
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (name == null) {
            throw new MalformedMessageException("a table without a name", a.offset());
        }
        return new Table(family, name, flags, userData, handle, unknown);
    }
}
