package org.mayfly.netlink.nft;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/**
 * Elements of one set, as a message carries them: as many as fit into an attribute of 64 KB. Source: {@code enum
 * nft_set_elem_list_attributes} in {@code linux/netfilter/nf_tables.h}.
 */
record ElementList(NftFamily family, String table, String set, List<SetElement> elements) {
    static final int NFTA_SET_ELEM_LIST_TABLE = 1;
    static final int NFTA_SET_ELEM_LIST_SET = 2;
    static final int NFTA_SET_ELEM_LIST_ELEMENTS = 3;

    static final AttributeNames NAMES = AttributeNames.of("NFTA_SET_ELEM_LIST_", "UNSPEC TABLE SET ELEMENTS SET_ID")
            .nest("ELEMENTS", AttributeNames.listOf("NFTA_LIST_ELEM", SetElement.NAMES));

    public ElementList {
        elements = List.copyOf(elements);
    }

    /**
     * Writes what stands behind {@code struct nfgenmsg}, with as many elements as one attribute can hold and the writer
     * has room for.
     *
     * @param from the first one to write
     * @param spare bytes that the writer is to have left afterwards
     * @return the first one that was not written; {@code from} if the message has none of them
     */
    static int write(MessageWriter w, NftSet set, List<SetElement> elements, int from, int spare) {
        w.attrString(NFTA_SET_ELEM_LIST_TABLE, set.table()).attrString(NFTA_SET_ELEM_LIST_SET, set.name());
        int list = w.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
        int next = from;
        while (next < elements.size() && fits(w, elements.get(next), list, spare)) {
            next++;
        }
        w.endNest(list);
        return next;
    }

    /** Writes an element, or nothing if that would be too much for the list or the writer. */
    private static boolean fits(MessageWriter w, SetElement e, int list, int spare) {
        int before = w.length();
        try {
            e.write(w);
            if (w.length() - list <= MessageWriter.MAX_ATTRIBUTE
                    && w.length() <= w.buffer().capacity() - spare) {
                return true;
            }
        } catch (BufferOverflowException full) {
            // as below
        }
        w.rollback(before);
        return false;
    }

    /** Writes the names alone: a request for all elements, to read or to delete them. */
    static MessageWriter writeNames(MessageWriter w, String table, String set) {
        return w.attrString(NFTA_SET_ELEM_LIST_TABLE, table).attrString(NFTA_SET_ELEM_LIST_SET, set);
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
