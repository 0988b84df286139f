package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/** The bytes of a {@link Route}. */
final class RouteCodec {
    static final int RTA_DST = 1;
    static final int RTA_SRC = 2;
    static final int RTA_IIF = 3;
    static final int RTA_OIF = 4;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    private static final int RTA_METRICS = 8;
    private static final int RTA_MULTIPATH = 9;
    private static final int RTA_CACHEINFO = 12;
    static final int RTA_TABLE = 15;
    static final int RTA_MARK = 16;
    private static final int RTA_PREF = 20;
    private static final int RTA_EXPIRES = 23;
    static final int RTA_UID = 25;
    static final int RTA_IP_PROTO = 27;
    static final int RTA_SPORT = 28;
    static final int RTA_DPORT = 29;
    private static final int RTA_NH_ID = 30;

    private RouteCodec() {}

    /** The payload of {@code RTM_NEWROUTE} and {@code RTM_DELROUTE}, in the order in which ip writes it. */
    static void write(Route r, MessageWriter w) {
        w.u8(r.family()).u8(r.length()).u8(r.sourceLength()).u8(r.tos());
        w.u8(byteTable(r.table())).u8(r.protocol()).u8(r.scope()).u8(r.type()).u32(r.flags());
        address(w, RTA_DST, r.destination());
        address(w, RTA_SRC, r.source());
        if (r.gateway() != null) {
            Gateway.write(w, r.family(), r.gateway());
        }
        address(w, RTA_PREFSRC, r.preferredSource());
        number(w, RTA_PRIORITY, r.priority());
        if (r.preference() != 0) {
            w.attrU8(RTA_PREF, r.preference());
        }
        number(w, RTA_EXPIRES, (int) r.expiresSeconds());
        number(w, RTA_NH_ID, r.nextHopId());
        if (byteTable(r.table()) != r.table()) {
            w.attrU32(RTA_TABLE, r.table());
        }
        number(w, RTA_OIF, r.index());
        if (!r.metrics().equals(Metrics.NONE)) {
            int metrics = w.open(RTA_METRICS);
            r.metrics().write(w);
            w.endNest(metrics);
        }
        if (!r.nextHops().isEmpty()) {
            int multipath = w.open(RTA_MULTIPATH);
            r.nextHops().forEach(n -> n.write(w, r.family()));
            w.endNest(multipath);
        }
        if (r.cacheInfo() != null) {
            r.cacheInfo().write(w, RTA_CACHEINFO);
        }
        RawAttribute.writeAll(r.unknown(), w);
    }

    /** {@code rtm_table}: {@code RT_TABLE_UNSPEC} where the number needs an {@code RTA_TABLE}. */
    static int byteTable(int table) {
        return (table & ~0xff) == 0 ? table : 0;
    }

    private static void address(MessageWriter w, int type, @Nullable InetAddress address) {
        if (address != null) {
            w.attrInet(type, address);
        }
    }

    /** 0 is what the kernel takes an absent one for. */
    private static void number(MessageWriter w, int type, int value) {
        if (value != 0) {
            w.attrU32(type, value);
        }
    }

    static Route decode(ByteBuffer b, int offset, int length) {
        if (length < Route.HEADER) {
            throw new MalformedMessageException("a route message of " + length + " bytes", offset);
        }
        RouteDraft d = new RouteDraft(Byte.toUnsignedInt(b.get(offset)));
        d.length = Byte.toUnsignedInt(b.get(offset + 1));
        d.sourceLength = Byte.toUnsignedInt(b.get(offset + 2));
        d.tos = Byte.toUnsignedInt(b.get(offset + 3));
        d.table = Byte.toUnsignedInt(b.get(offset + 4));
        d.protocol = Byte.toUnsignedInt(b.get(offset + 5));
        d.scope = Byte.toUnsignedInt(b.get(offset + 6));
        d.type = Byte.toUnsignedInt(b.get(offset + 7));
        d.flags = b.getInt(offset + 8);
        AttributeReader a = new AttributeReader(b, offset + Route.HEADER, length - Route.HEADER);
        while (a.next()) {
            attribute(d, a);
        }
        if (d.expiresSeconds == 0 && d.cacheInfo != null) {
            d.expiresSeconds = d.cacheInfo.expiresSeconds(); // the kernel tells it so, and wants to hear RTA_EXPIRES
        }
        return d.route();
    }

    private static void attribute(RouteDraft d, AttributeReader a) {
        switch (a.type()) {
            case RTA_DST -> d.destination = Address.inet(a);
            case RTA_SRC -> d.source = Address.inet(a);
            case RTA_PREFSRC -> d.preferredSource = Address.inet(a);
            case RTA_OIF -> d.index = a.u32();
            case RTA_PRIORITY -> d.priority = a.u32();
            case RTA_TABLE -> d.table = a.u32();
            case RTA_METRICS -> d.metrics = Metrics.read(a.nested());
            case RTA_MULTIPATH -> d.nextHops = NextHop.readAll(a);
            case RTA_NH_ID -> d.nextHopId = a.u32();
            case RTA_PREF -> d.preference = a.u8();
            case RTA_EXPIRES -> d.expiresSeconds = Integer.toUnsignedLong(a.u32());
            case RTA_CACHEINFO -> d.cacheInfo = CacheInfo.read(a);
            default -> {
                InetAddress gateway = Gateway.read(a);
                if (gateway == null) {
                    d.unknown.add(RawAttribute.of(a));
                } else {
                    d.gateway = gateway;
                }
            }
        }
    }
}
