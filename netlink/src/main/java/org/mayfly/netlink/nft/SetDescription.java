package org.mayfly.netlink.nft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * The attributes of a set that say how it keeps its elements.
 *
 * <pre>
 *  NFTA_SET_DESC { NFTA_SET_DESC_SIZE be32
 *                  NFTA_SET_DESC_CONCAT { NFTA_LIST_ELEM { NFTA_SET_FIELD_LEN be32 } … } }
 * </pre>
 */
final class SetDescription {
    private static final int NFTA_SET_DESC_SIZE = 1;
    private static final int NFTA_SET_DESC_CONCAT = 2;
    private static final int NFTA_SET_FIELD_LEN = 1;
    private static final int NFTA_LIST_ELEM = 1;

    static final AttributeNames NAMES = AttributeNames.of("NFTA_SET_DESC_", "UNSPEC SIZE CONCAT")
            .nest(
                    "CONCAT",
                    AttributeNames.listOf("NFTA_LIST_ELEM", AttributeNames.of("NFTA_SET_FIELD_", "UNSPEC LEN")));

    private SetDescription() {}

    static void write(MessageWriter w, SetOptions o) {
        if (o.policy() != SetOptions.PERFORMANCE) {
            w.attrBe32(NftSet.NFTA_SET_POLICY, o.policy());
        }
        if (o.size() != 0 || !o.fields().isEmpty()) {
            writeDescription(w, o);
        }
        Duration timeout = o.timeout();
        if (timeout != null) {
            w.attrBe64(NftSet.NFTA_SET_TIMEOUT, timeout.toMillis());
        }
        Duration gcInterval = o.gcInterval();
        if (gcInterval != null) {
            w.attrBe32(NftSet.NFTA_SET_GC_INTERVAL, (int) gcInterval.toMillis());
        }
    }

    private static void writeDescription(MessageWriter w, SetOptions o) {
        int description = w.nest(NftSet.NFTA_SET_DESC);
        if (o.size() != 0) {
            w.attrBe32(NFTA_SET_DESC_SIZE, o.size());
        }
        if (!o.fields().isEmpty()) {
            int concat = w.nest(NFTA_SET_DESC_CONCAT);
            for (int length : o.fields()) {
                int field = w.nest(NFTA_LIST_ELEM);
                w.attrBe32(NFTA_SET_FIELD_LEN, length);
                w.endNest(field);
            }
            w.endNest(concat);
        }
        w.endNest(description);
    }

    /** Reads what is inside of {@code NFTA_SET_DESC}: the size and the fields. */
    static SetOptions read(AttributeReader a) {
        int size = 0;
        List<Integer> fields = List.of();
        while (a.next()) {
            switch (a.type()) {
                case NFTA_SET_DESC_SIZE -> size = a.be32();
                case NFTA_SET_DESC_CONCAT -> fields = readFields(a.nested());
                default -> {
                    // nothing that the kernel says today
                }
            }
        }
        return SetOptions.NONE.withSize(size).withFields(fields);
    }

    private static List<Integer> readFields(AttributeReader list) {
        List<Integer> fields = new ArrayList<>();
        while (list.next()) {
            Integer length = readField(list.nested());
            if (length != null) {
                fields.add(length);
            }
        }
        return fields;
    }

    private static @Nullable Integer readField(AttributeReader a) {
        Integer length = null;
        while (a.next()) {
            if (a.type() == NFTA_SET_FIELD_LEN) {
                length = a.be32();
            }
        }
        return length;
    }
}
