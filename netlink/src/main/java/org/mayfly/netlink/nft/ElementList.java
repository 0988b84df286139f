package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/**
 * Elements of one set, as a message carries them: as many as fit into an attribute of 64 KB.
 *
 * @param elements none in a request to read or to delete all
 */
public record ElementList(NftFamily family, String table, String set, List<SetElement> elements) {
    static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    static final int NFTA_SET_ELEM_LIST_SET = 2;
    static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;

    static final AttributeNames NAMES = AttributeNames.of("NFTA_SET_ELEM_LIST_", "UNSPEC TABLE SET ELEMENTS SET_ID")
            .nest("ELEMENTS", AttributeNames.listOf("NFTA_LIST_ELEM", SetElement.NAMES));

    public ElementList {
        elements = List.copyOf(elements);
    }

    void write(MessageWriter w) {
        w.attrString(NFTA_SET_ELEM_LIST_TABLE, table).attrString(NFTA_SET_ELEM_LIST_SET, set);
        if (!elements.isEmpty()) {
            int list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
            for (SetElement e : elements) {
                e.write(w);
            }
            w.endNest(list);
        }
    }

    static ElementList decode(ByteBuffer b, int offset, int length) {
        NftFamily family = NftMessage.family(b, offset, length);
        AttributeReader a = NftMessage.attributes(b, offset, length);
        String table = null;
        String set = null;
        List<SetElement> elements = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_ELEM_LIST_TABLE -> table = a.string();
                case NFTA_SET_ELEM_LIST_SET -> set = a.string();
                case NFTA_SET_ELEM_LIST_ELEMENTS -> {
                    AttributeReader list = a.nested();
                    while (list.next()) {
                        elements.add(SetElement.read(list.nested()));
                    }
                }
                default -> {
                    // NFTA_SET_ELEM_LIST_SET_ID: names a set of the same batch, in requests only
                }
            }
        }
        if (table == null || set == null) {
            throw new MalformedMessageException("elements without a table or a set", a.offset());
        }
        return new ElementList(family, table, set, elements);
    }
}
