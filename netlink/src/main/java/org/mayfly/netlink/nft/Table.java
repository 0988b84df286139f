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
 * @param flags {@code NFT_TABLE_F_*}; {@link NfTables#supportsTableFlags} says which of them this kernel takes
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param owner the port id of the socket that owns it; 0 if nobody does. Not written: who adds a table owns it
 * @param unknown attributes this library has no name for
 */
public record Table(
        NftFamily family,
        String name,
        int flags,
        UserData userData,
        long handle,
        int owner,
        List<RawAttribute> unknown) {
    /** {@code NFT_TABLE_F_DORMANT}: its chains see no packets. */
    public static final int DORMANT = 1;

    /**
     * {@code NFT_TABLE_F_OWNER}: only the socket that added it can change it ({@code EPERM} for others), and it goes
     * when that socket is closed. Since Linux 5.12.
     */
    public static final int OWNER = 2;

    /**
     * {@code NFT_TABLE_F_PERSIST}: an owned table stays when its socket is closed, and the next one to add it with
     * {@link #OWNER} owns it. Since Linux 6.9.
     */
    public static final int PERSIST = 4;

    static final int NFTA_TABLE_NAME = 1;
    static final int NFTA_TABLE_FLAGS = 2;
    static final int NFTA_TABLE_USE = 3;
    static final int NFTA_TABLE_HANDLE = 4;
    private static final int NFTA_TABLE_PAD = 5;
    static final int NFTA_TABLE_USERDATA = 6;
    private static final int NFTA_TABLE_OWNER = 7;

    static final AttributeNames NAMES =
            AttributeNames.of("NFTA_TABLE_", "UNSPEC NAME FLAGS USE HANDLE PAD USERDATA OWNER");

    public Table {
        unknown = List.copyOf(unknown);
    }

    public Table(NftFamily family, String name) {
        this(family, name, 0, UserData.EMPTY, 0, 0, List.of());
    }

    public Table withComment(String text) {
        return new Table(family, name, flags, userData.withComment(text), handle, owner, unknown);
    }

    /** @param f {@link #OWNER} and its kind */
    public Table withFlags(int f) {
        return new Table(family, name, f, userData, handle, owner, unknown);
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_TABLE_NAME, name).attrBe32(NFTA_TABLE_FLAGS, flags);
        if (userData.bytes().length() > 0) {
            userData.bytes().write(w, NFTA_TABLE_USERDATA);
        }
        unknown.forEach(a -> a.write(w));
    }

    static Table decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String name = null;
        int flags = 0;
        UserData userData = UserData.EMPTY;
        long handle = 0;
        int owner = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_TABLE_NAME -> name = a.string();
                case NFTA_TABLE_FLAGS -> flags = a.be32();
                case NFTA_TABLE_USE -> a.be32(); // how many objects it holds
                case NFTA_TABLE_HANDLE -> handle = a.be64();
                case NFTA_TABLE_USERDATA -> userData = UserData.of(a.bytes());
                case NFTA_TABLE_OWNER -> owner = a.be32();
                case NFTA_TABLE_PAD -> {
                    // aligns what follows
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (name == null) {
            throw new MalformedMessageException("a table without a name", a.offset());
        }
        return new Table(family, name, flags, userData, handle, owner, unknown);
    }
}
