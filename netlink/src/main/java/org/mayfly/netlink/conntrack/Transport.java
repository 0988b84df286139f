package org.mayfly.netlink.conntrack;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * How a tuple's protocol tells one flow from another: by ports, by what ICMP has, or not at all. Source: {@code enum
 * ctattr_l4proto} in {@code linux/netfilter/nfnetlink_conntrack.h}.
 *
 * @param protocol {@code IPPROTO_*}
 * @param sourcePort 0 where the protocol has none; for GRE its key
 * @param destinationPort likewise
 * @param icmp null where the protocol is neither ICMP nor ICMPv6
 * @param unknown attributes this library has no name for
 */
public record Transport(
        int protocol,
        int sourcePort,
        int destinationPort,
        @Nullable Icmp icmp,
        List<RawAttribute> unknown) {
    public static final int IPPROTO_ICMP = 1;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_ICMPV6 = 58;

    static final int CTA_PROTO_NUM = 1;
    static final int CTA_PROTO_SRC_PORT = 2;
    static final int CTA_PROTO_DST_PORT = 3;
    static final int CTA_PROTO_ICMP_ID = 4;
    static final int CTA_PROTO_ICMP_TYPE = 5;
    static final int CTA_PROTO_ICMP_CODE = 6;
    static final int CTA_PROTO_ICMPV6_ID = 7;
    static final int CTA_PROTO_ICMPV6_TYPE = 8;
    static final int CTA_PROTO_ICMPV6_CODE = 9;

    static final AttributeNames NAMES = AttributeNames.of(
            "CTA_PROTO_", "UNSPEC NUM SRC_PORT DST_PORT ICMP_ID ICMP_TYPE ICMP_CODE ICMPV6_ID ICMPV6_TYPE ICMPV6_CODE");

    /**
     * What ICMP has in the place of ports.
     *
     * @param id of an echo
     */
    public record Icmp(int id, int type, int code) {}

    public Transport {
        unknown = List.copyOf(unknown);
    }

    /** A protocol with ports: TCP, UDP and their kind. */
    public static Transport ports(int protocol, int sourcePort, int destinationPort) {
        return new Transport(protocol, sourcePort, destinationPort, null, List.of());
    }

    public static Transport icmp(int id, int type, int code) {
        return new Transport(IPPROTO_ICMP, 0, 0, new Icmp(id, type, code), List.of());
    }

    public static Transport icmpv6(int id, int type, int code) {
        return new Transport(IPPROTO_ICMPV6, 0, 0, new Icmp(id, type, code), List.of());
    }

    private static boolean hasPorts(int protocol) {
        return switch (protocol) {
            case IPPROTO_TCP, IPPROTO_UDP, 33, 47, 132, 136 -> true; // and DCCP, GRE, SCTP, UDP-Lite
            default -> false;
        };
    }

    void write(MessageWriter w) {
        w.attrU8(CTA_PROTO_NUM, protocol);
        if (hasPorts(protocol) || sourcePort != 0 || destinationPort != 0) {
            w.attrBe16(CTA_PROTO_SRC_PORT, sourcePort).attrBe16(CTA_PROTO_DST_PORT, destinationPort);
        }
        if (icmp != null && protocol == IPPROTO_ICMPV6) {
            w.attrBe16(CTA_PROTO_ICMPV6_ID, icmp.id)
                    .attrU8(CTA_PROTO_ICMPV6_TYPE, icmp.type)
                    .attrU8(CTA_PROTO_ICMPV6_CODE, icmp.code);
        } else if (icmp != null) {
            w.attrBe16(CTA_PROTO_ICMP_ID, icmp.id)
                    .attrU8(CTA_PROTO_ICMP_TYPE, icmp.type)
                    .attrU8(CTA_PROTO_ICMP_CODE, icmp.code);
        }
        unknown.forEach(u -> u.write(w));
    }

    static Transport read(AttributeReader a) {
        int protocol = -1;
        int sourcePort = 0;
        int destinationPort = 0;
        int id = 0;
        int type = 0;
        int code = 0;
        boolean icmp = false;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            icmp |= a.type() >= CTA_PROTO_ICMP_ID && a.type() <= CTA_PROTO_ICMPV6_CODE;
            switch (a.type()) {
                case CTA_PROTO_NUM -> protocol = a.u8();
                case CTA_PROTO_SRC_PORT -> sourcePort = a.be16();
                case CTA_PROTO_DST_PORT -> destinationPort = a.be16();
                case CTA_PROTO_ICMP_ID, CTA_PROTO_ICMPV6_ID -> id = a.be16();
                case CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMPV6_TYPE -> type = a.u8();
                case CTA_PROTO_ICMP_CODE, CTA_PROTO_ICMPV6_CODE -> code = a.u8();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (protocol < 0) {
            throw new MalformedMessageException("a tuple without a protocol", a.offset());
        }
        return new Transport(protocol, sourcePort, destinationPort, icmp ? new Icmp(id, type, code) : null, unknown);
    }
}
