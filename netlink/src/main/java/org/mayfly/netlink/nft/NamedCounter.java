package org.mayfly.netlink.nft;

import java.util.List;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Counter;

/**
 * A counter with a name. A new one begins with what is given.
 *
 * @param handle the kernel's number for it; 0 in one that is to be added
 * @param unknown attributes this library has no name for
 */
public record NamedCounter(
        NftFamily family,
        String table,
        String name,
        long packets,
        long bytes,
        UserData userData,
        long handle,
        List<RawAttribute> unknown)
        implements NftObject {
    public NamedCounter {
        unknown = List.copyOf(unknown);
    }

    /** One of that table that has counted nothing yet. */
    public NamedCounter(Table table, String name) {
        this(table.family(), table.name(), name, 0, 0, UserData.EMPTY, 0, List.of());
    }

    public NamedCounter withComment(String text) {
        return new NamedCounter(family, table, name, packets, bytes, userData.withComment(text), handle, unknown);
    }

    @Override
    public int type() {
        return COUNTER;
    }

    @Override
    public void writeData(MessageWriter w) {
        new Counter(packets, bytes).writeData(w);
    }
}
