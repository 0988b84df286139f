package org.mayfly.netlink.conntrack;

import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What went in one direction of a flow; counted only where {@code net.netfilter.nf_conntrack_acct} is 1. Source: {@code
 * enum ctattr_counters} in {@code linux/netfilter/nfnetlink_conntrack.h}.
 *
 * @param bytes of the packets with their IP headers
 * @param unknown attributes this library has no name for
 */
public record Traffic(long packets, long bytes, List<RawAttribute> unknown) {
    private static final int CTA_COUNTERS_PACKETS = 1;
    private static final int CTA_COUNTERS_BYTES = 2;

    static final AttributeNames NAMES =
            AttributeNames.of("CTA_COUNTERS_", "UNSPEC PACKETS BYTES 32_PACKETS 32_BYTES PAD");

    public Traffic {
        unknown = List.copyOf(unknown);
    }

    void write(MessageWriter w) {
        w.attrBe64(CTA_COUNTERS_PACKETS, packets).attrBe64(CTA_COUNTERS_BYTES, bytes);
        unknown.forEach(u -> u.write(w));
    }

    static Traffic read(AttributeReader a) {
        long packets = 0;
        long bytes = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case CTA_COUNTERS_PACKETS -> packets = a.be64();
                case CTA_COUNTERS_BYTES -> bytes = a.be64();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Traffic(packets, bytes, unknown);
    }
}
