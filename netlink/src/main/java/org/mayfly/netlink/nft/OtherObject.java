package org.mayfly.netlink.nft;

import java.util.List;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * An object kept as bytes.
 *
 * @param type {@code NFT_OBJECT_*}
 * @param data what stood inside {@code NFTA_OBJ_DATA}
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record OtherObject(
        NftFamily family,
        String table,
        String name,
        int type,
        Bytes data,
        UserData userData,
        long handle,
        List<RawAttribute> unknown)
        implements NftObject {
    public OtherObject {
        unknown = List.copyOf(unknown);
    }

    @Override
    public void writeData(MessageWriter w) {
        data.write(w);
    }
}
