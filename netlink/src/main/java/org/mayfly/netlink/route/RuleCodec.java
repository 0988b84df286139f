package org.mayfly.netlink.route;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/** The bytes of a {@link Rule}. */
final class RuleCodec {
    private static final int FRA_DST = 1;
    private static final int FRA_SRC = 2;
    private static final int FRA_IIFNAME = 3;
    private static final int FRA_GOTO = 4;
    private static final int FRA_PRIORITY = 6;
    private static final int FRA_FWMARK = 10;
    private static final int FRA_FLOW = 11;
    private static final int FRA_TUN_ID = 12;
    private static final int FRA_SUPPRESS_IFGROUP = 13;
    private static final int FRA_SUPPRESS_PREFIXLEN = 14;
    private static final int FRA_TABLE = 15;
    private static final int FRA_FWMASK = 16;
    private static final int FRA_OIFNAME = 17;
    private static final int FRA_L3MDEV = 19;
    private static final int FRA_UID_RANGE = 20;
    private static final int FRA_PROTOCOL = 21;
    private static final int FRA_IP_PROTO = 22;
    private static final int FRA_SPORT_RANGE = 23;
    private static final int FRA_DPORT_RANGE = 24;

    private RuleCodec() {}

    /** The payload of {@code RTM_NEWRULE} and {@code RTM_DELRULE}. */
    static void write(Rule r, MessageWriter w) {
        w.u8(r.family()).u8(r.destinationLength()).u8(r.sourceLength()).u8(r.tos());
        w.u8(RouteCodec.byteTable(r.table())).u16(0).u8(r.action()).u32(r.flags());
        if (r.source() != null) {
            w.attrBytes(FRA_SRC, r.source().getAddress());
        }
        if (r.destination() != null) {
            w.attrBytes(FRA_DST, r.destination().getAddress());
        }
        writeMatches(r, w);
        if (r.action() == Rule.FR_ACT_GOTO || r.target() != 0) {
            w.attrU32(FRA_GOTO, (int) r.target());
        }
        if (r.suppressPrefixLength() != -1) {
            w.attrU32(FRA_SUPPRESS_PREFIXLEN, r.suppressPrefixLength());
        }
        if (r.suppressGroup() != -1) {
            w.attrU32(FRA_SUPPRESS_IFGROUP, r.suppressGroup());
        }
        if (r.flow() != 0) {
            w.attrU32(FRA_FLOW, r.flow());
        }
        if (RouteCodec.byteTable(r.table()) != r.table()) {
            w.attrU32(FRA_TABLE, r.table());
        }
        if (r.l3mdev()) {
            w.attrU8(FRA_L3MDEV, 1);
        }
        if (r.protocol() != 0) {
            w.attrU8(FRA_PROTOCOL, r.protocol());
        }
        w.attrU32(FRA_PRIORITY, (int) r.priority()); // also 0: without it the kernel would choose one
        r.unknown().forEach(a -> a.write(w));
    }

    private static void writeMatches(Rule r, MessageWriter w) {
        if (r.mark() != 0 || r.markMask() != 0) {
            w.attrU32(FRA_FWMARK, r.mark()).attrU32(FRA_FWMASK, r.markMask());
        }
        if (!r.incoming().isEmpty()) {
            w.attrString(FRA_IIFNAME, r.incoming());
        }
        if (!r.outgoing().isEmpty()) {
            w.attrString(FRA_OIFNAME, r.outgoing());
        }
        if (r.uids() != null) {
            int uids = w.open(FRA_UID_RANGE);
            w.u32((int) r.uids().first()).u32((int) r.uids().last()).endNest(uids);
        }
        if (r.ipProto() != 0) {
            w.attrU8(FRA_IP_PROTO, r.ipProto());
        }
        writePorts(w, FRA_SPORT_RANGE, r.sourcePorts());
        writePorts(w, FRA_DPORT_RANGE, r.destinationPorts());
        if (r.tunnelId() != 0) {
            w.attrBe64(FRA_TUN_ID, r.tunnelId());
        }
    }

    private static void writePorts(MessageWriter w, int type, Rule.@Nullable Range ports) {
        if (ports != null) {
            int at = w.open(type);
            w.u16((int) ports.first()).u16((int) ports.last()).endNest(at);
        }
    }

    static Rule decode(ByteBuffer b, int offset, int length) {
        if (length < Rule.HEADER) {
            throw new MalformedMessageException("a rule message of " + length + " bytes", offset);
        }
        RuleDraft d = new RuleDraft(Byte.toUnsignedInt(b.get(offset)), 0); // a rule of priority 0 comes without it
        d.destinationLength = Byte.toUnsignedInt(b.get(offset + 1));
        d.sourceLength = Byte.toUnsignedInt(b.get(offset + 2));
        d.tos = Byte.toUnsignedInt(b.get(offset + 3));
        d.table = Byte.toUnsignedInt(b.get(offset + 4));
        d.action = Byte.toUnsignedInt(b.get(offset + 7));
        d.flags = b.getInt(offset + 8);
        AttributeReader a = new AttributeReader(b, offset + Rule.HEADER, length - Rule.HEADER);
        while (a.next()) {
            attribute(d, a);
        }
        return d.rule();
    }

    private static void attribute(RuleDraft d, AttributeReader a) {
        switch (a.type()) {
            case FRA_SRC -> d.source = Address.inet(a);
            case FRA_DST -> d.destination = Address.inet(a);
            case FRA_IIFNAME -> d.incoming = a.string();
            case FRA_OIFNAME -> d.outgoing = a.string();
            case FRA_GOTO -> d.target = Integer.toUnsignedLong(a.u32());
            case FRA_PRIORITY -> d.priority = Integer.toUnsignedLong(a.u32());
            case FRA_FWMARK -> d.mark = a.u32();
            case FRA_FWMASK -> d.markMask = a.u32();
            case FRA_FLOW -> d.flow = a.u32();
            case FRA_TUN_ID -> d.tunnelId = a.be64();
            case FRA_SUPPRESS_IFGROUP -> d.suppressGroup = a.u32();
            case FRA_SUPPRESS_PREFIXLEN -> d.suppressPrefixLength = a.u32();
            case FRA_TABLE -> d.table = a.u32();
            case FRA_L3MDEV -> d.l3mdev = a.u8() != 0;
            case FRA_UID_RANGE ->
                d.uids = new Rule.Range(Integer.toUnsignedLong(a.u32()), Integer.toUnsignedLong(a.u32(4)));
            case FRA_PROTOCOL -> d.protocol = a.u8();
            case FRA_IP_PROTO -> d.ipProto = a.u8();
            case FRA_SPORT_RANGE -> d.sourcePorts = ports(a);
            case FRA_DPORT_RANGE -> d.destinationPorts = ports(a);
            default -> d.unknown.add(RawAttribute.of(a));
        }
    }

    /** {@code struct fib_rule_port_range}, in host byte order. */
    private static Rule.Range ports(AttributeReader a) {
        ByteBuffer pair = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        pair.putInt(0, a.u32());
        return new Rule.Range(Short.toUnsignedInt(pair.getShort(0)), Short.toUnsignedInt(pair.getShort(2)));
    }
}
