package org.mayfly.netlink.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A route, as {@code ip route} shows it.
 *
 * <pre>
 *  struct rtmsg:  | family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | protocol u8 | scope u8 | type u8 | flags u32 |
 * </pre>
 *
 * <p>Source: {@code linux/rtnetlink.h}, rtnetlink(7).
 *
 * @param destination null for a default route
 * @param length of the destination's prefix
 * @param type {@link #UNICAST}, {@link #LOCAL}, …
 * @param table {@link #TABLE_MAIN}, {@link #TABLE_LOCAL}, …
 * @param protocol {@code RTPROT_*}: who put it there
 * @param index of the outgoing interface; 0 if there is none
 * @param gateway null if the destination is on the link itself
 * @param priority the metric
 * @param family {@code AF_INET} or {@code AF_INET6}; what a default route is of cannot be seen from its destination
 * @param scope {@code RT_SCOPE_*}: 0 is universe, 253 link, 254 host; IPv6 has no use for it
 * @param unknown attributes that have no name here, such as metrics and several next hops, as they came
 */
public record Route(
        @Nullable InetAddress destination,
        int length,
        int type,
        int table,
        int protocol,
        int index,
        @Nullable InetAddress gateway,
        int priority,
        int family,
        int scope,
        List<RawAttribute> unknown) {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    public static final int SCOPE_UNIVERSE = 0;
    public static final int SCOPE_LINK = 253;
    public static final int SCOPE_HOST = 254;

    public static final int UNICAST = 1;
    public static final int LOCAL = 2;
    public static final int TABLE_MAIN = 254;
    public static final int TABLE_LOCAL = 255;

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    static final AttributeNames NAMES = AttributeNames.of(
            "RTA_",
            "UNSPEC DST SRC IIF OIF GATEWAY PRIORITY PREFSRC METRICS MULTIPATH PROTOINFO FLOW CACHEINFO SESSION MP_ALGO TABLE MARK MFC_STATS VIA NEWDST PREF ENCAP_TYPE ENCAP EXPIRES PAD UID TTL_PROPAGATE IP_PROTO SPORT DPORT NH_ID");

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_TABLE = 15;
    static final int HEADER = 12;

    public Route {
        unknown = List.copyOf(unknown);
    }

    /** A route whose family is its destination's, IPv6 if it has none, and whose scope is the universe. */
    public Route(
            @Nullable InetAddress destination,
            int length,
            int type,
            int table,
            int protocol,
            int index,
            @Nullable InetAddress gateway,
            int priority) {
        this(
                destination,
                length,
                type,
                table,
                protocol,
                index,
                gateway,
                priority,
                destination instanceof Inet4Address ? AF_INET : AF_INET6,
                SCOPE_UNIVERSE,
                List.of());
    }

    /** The payload of {@code RTM_NEWROUTE} and {@code RTM_DELROUTE}, in the order in which ip writes it. */
    void write(MessageWriter w) {
        int byteTable = table > 0xff ? 0 : table; // RT_TABLE_UNSPEC: RTA_TABLE says it
        w.u8(family).u8(length).u8(0).u8(0).u8(byteTable).u8(protocol).u8(scope).u8(type);
        w.u32(0);
        if (destination != null) {
            w.attrBytes(RTA_DST, destination.getAddress());
        }
        if (gateway != null) {
            w.attrBytes(RTA_GATEWAY, gateway.getAddress());
        }
        if (priority != 0) {
            w.attrU32(RTA_PRIORITY, priority);
        }
        if (table > 0xff) {
            w.attrU32(RTA_TABLE, table);
        }
        if (index != 0) {
            w.attrU32(RTA_OIF, index);
        }
        unknown.forEach(a -> a.write(w));
    }

    /** A dump of all tables of a family. */
    static void writeDump(MessageWriter w, int family) {
        w.u8(family).zeros(HEADER - 1);
    }

    static @Nullable Route read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWROUTE ? decode(b, offset, length) : null;
    }

    static Route decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a route message of " + length + " bytes", offset);
        }
        InetAddress destination = null;
        InetAddress gateway = null;
        int table = Byte.toUnsignedInt(b.get(offset + 4));
        int index = 0;
        int priority = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case RTA_DST -> destination = Address.inet(a);
                case RTA_GATEWAY -> gateway = Address.inet(a);
                case RTA_OIF -> index = a.u32();
                case RTA_PRIORITY -> priority = a.u32();
                case RTA_TABLE -> table = a.u32();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Route(
                destination,
                Byte.toUnsignedInt(b.get(offset + 1)),
                Byte.toUnsignedInt(b.get(offset + 7)),
                table,
                Byte.toUnsignedInt(b.get(offset + 5)),
                index,
                gateway,
                priority,
                Byte.toUnsignedInt(b.get(offset)),
                Byte.toUnsignedInt(b.get(offset + 6)),
                unknown);
    }
}
