package org.mayfly.netlink.nft;

import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.nft.expr.DataAttribute;
import org.mayfly.netlink.nft.expr.Verdict;

/** What an element of a map leads to. */
public sealed interface MapData {
    /** A value, as long as the map's data is. */
    record Value(Bytes bytes) implements MapData {
        @Override
        public void write(MessageWriter w) {
            DataAttribute.write(w, SetElement.NFTA_SET_ELEM_DATA, bytes);
        }
    }

    /** What becomes of the packet. */
    record Decision(Verdict verdict) implements MapData {
        @Override
        public void write(MessageWriter w) {
            DataAttribute.write(w, SetElement.NFTA_SET_ELEM_DATA, verdict);
        }
    }

    /** A named object of the same table, such as a {@link NamedCounter}. */
    record Named(String object) implements MapData {
        @Override
        public void write(MessageWriter w) {
            w.attrString(SetElement.NFTA_SET_ELEM_OBJREF, object);
        }
    }

    /** Writes it as the attribute of an element. */
    void write(MessageWriter w);
}
