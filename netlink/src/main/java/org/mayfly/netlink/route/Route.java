package org.mayfly.netlink.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A route, as {@code ip route} shows it.
 *
 * <pre>
 *  struct rtmsg:  | family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | protocol u8 | scope u8 | type u8 | flags u32 |
 * </pre>
 *
 * <p>Begin with {@link #to} or {@link #standard} and add what is wanted with the methods named {@code with…}.
 *
 * <p>Source: {@code linux/rtnetlink.h}, rtnetlink(7).
 *
 * @param family {@link #AF_INET} or {@link #AF_INET6}; what a default route is of cannot be seen from its destination
 * @param destination null for a default route
 * @param length of the destination's prefix
 * @param source null unless the route is for packets from some prefix alone; IPv6
 * @param sourceLength of that prefix
 * @param tos IPv4: for packets with this type of service
 * @param type {@link #RTN_UNICAST}, {@link #RTN_LOCAL}, …
 * @param table {@link #RT_TABLE_MAIN}, {@link #RT_TABLE_LOCAL}, … or any other number
 * @param protocol {@code RTPROT_*}: who put it there
 * @param scope {@code RT_SCOPE_*}; IPv6 has no use for it
 * @param flags {@link RouteFlags}
 * @param index of the outgoing interface; 0 if there is none, or several
 * @param gateway null if the destination is on the link itself; one of IPv6 serves an IPv4 route too
 * @param priority the metric
 * @param preferredSource {@code RTA_PREFSRC}; null lets the kernel choose
 * @param metrics of the path: MTU and its kind
 * @param nextHops if there are several ways: {@code RTA_MULTIPATH}; else empty
 * @param nextHopId {@code RTA_NH_ID}, of a next hop that is an object of its own; 0 if it is none
 * @param preference {@code RTA_PREF}, of a router (RFC 4191): 0 medium, 1 high, 3 low; IPv6
 * @param expiresSeconds {@code RTA_EXPIRES}; 0 is never; IPv6
 * @param cacheInfo null if the kernel did not say
 * @param unknown attributes that have no name here, such as realms and an encapsulation, as they came
 */
public record Route(
        int family,
        @Nullable InetAddress destination,
        int length,
        @Nullable InetAddress source,
        int sourceLength,
        int tos,
        int type,
        int table,
        int protocol,
        int scope,
        int flags,
        int index,
        @Nullable InetAddress gateway,
        int priority,
        @Nullable InetAddress preferredSource,
        Metrics metrics,
        List<NextHop> nextHops,
        int nextHopId,
        int preference,
        long expiresSeconds,
        @Nullable CacheInfo cacheInfo,
        List<RawAttribute> unknown) {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    public static final int RTN_UNICAST = 1;
    public static final int RTN_LOCAL = 2;
    public static final int RTN_BROADCAST = 3;
    public static final int RTN_ANYCAST = 4;
    public static final int RTN_MULTICAST = 5;
    public static final int RTN_BLACKHOLE = 6;
    public static final int RTN_UNREACHABLE = 7;
    public static final int RTN_PROHIBIT = 8;
    public static final int RTN_THROW = 9;
    public static final int RTN_NAT = 10;
    public static final int RTN_XRESOLVE = 11;

    public static final int RT_SCOPE_UNIVERSE = 0;
    public static final int RT_SCOPE_SITE = 200;
    public static final int RT_SCOPE_LINK = 253;
    public static final int RT_SCOPE_HOST = 254;
    public static final int RT_SCOPE_NOWHERE = 255;

    public static final int RT_TABLE_DEFAULT = 253;
    public static final int RT_TABLE_MAIN = 254;
    public static final int RT_TABLE_LOCAL = 255;

    public static final int RTPROT_UNSPEC = 0;
    public static final int RTPROT_REDIRECT = 1;
    public static final int RTPROT_KERNEL = 2;
    public static final int RTPROT_BOOT = 3;
    public static final int RTPROT_STATIC = 4;
    public static final int RTPROT_RA = 9;
    public static final int RTPROT_DHCP = 16;

    static final int RTM_NEWROUTE = 24;
    static final int RTM_DELROUTE = 25;
    static final int RTM_GETROUTE = 26;

    static final int HEADER = 12;

    static final AttributeNames NAMES = AttributeNames.of(
                    "RTA_",
                    "UNSPEC DST SRC IIF OIF GATEWAY PRIORITY PREFSRC METRICS MULTIPATH PROTOINFO FLOW CACHEINFO SESSION"
                            + " MP_ALGO TABLE MARK MFC_STATS VIA NEWDST PREF ENCAP_TYPE ENCAP EXPIRES PAD UID"
                            + " TTL_PROPAGATE IP_PROTO SPORT DPORT NH_ID FLOWLABEL")
            .nest("METRICS", Metrics.NAMES);

    public Route {
        nextHops = List.copyOf(nextHops);
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
        this(new RouteDraft(destination instanceof Inet4Address ? AF_INET : AF_INET6)
                .destination(destination, length)
                .what(type, table, protocol)
                .way(index, gateway, priority));
    }

    Route(RouteDraft d) {
        this(
                d.family,
                d.destination,
                d.length,
                d.source,
                d.sourceLength,
                d.tos,
                d.type,
                d.table,
                d.protocol,
                d.scope,
                d.flags,
                d.index,
                d.gateway,
                d.priority,
                d.preferredSource,
                d.metrics,
                d.nextHops,
                d.nextHopId,
                d.preference,
                d.expiresSeconds,
                d.cacheInfo,
                d.unknown);
    }

    /** A unicast route of the main table, of {@link #RTPROT_STATIC}, that has yet to be given a way. */
    public static Route to(InetAddress destination, int length) {
        return new Route(destination, length, RTN_UNICAST, RT_TABLE_MAIN, RTPROT_STATIC, 0, null, 0);
    }

    /** The same for what no other route is for. */
    public static Route standard(int family) {
        return new RouteDraft(family)
                .what(RTN_UNICAST, RT_TABLE_MAIN, RTPROT_STATIC)
                .route();
    }

    public Route withSource(InetAddress source, int length) {
        return edit(d -> {
            d.source = source;
            d.sourceLength = length;
        });
    }

    public Route withTos(int tos) {
        return edit(d -> d.tos = tos);
    }

    public Route withType(int type) {
        return edit(d -> d.type = type);
    }

    public Route withTable(int table) {
        return edit(d -> d.table = table);
    }

    public Route withProtocol(int protocol) {
        return edit(d -> d.protocol = protocol);
    }

    /** An IPv4 route without a gateway is {@link #RT_SCOPE_LINK} with ip, a local one {@link #RT_SCOPE_HOST}. */
    public Route withScope(int scope) {
        return edit(d -> d.scope = scope);
    }

    public Route withFlags(int flags) {
        return edit(d -> d.flags = flags);
    }

    public Route withIndex(int index) {
        return edit(d -> d.index = index);
    }

    public Route withGateway(InetAddress gateway) {
        return edit(d -> d.gateway = gateway);
    }

    public Route withPriority(int priority) {
        return edit(d -> d.priority = priority);
    }

    public Route withPreferredSource(InetAddress preferredSource) {
        return edit(d -> d.preferredSource = preferredSource);
    }

    public Route withMetrics(Metrics metrics) {
        return edit(d -> d.metrics = metrics);
    }

    /** Instead of an interface and a gateway. */
    public Route withNextHops(List<NextHop> nextHops) {
        return edit(d -> d.nextHops = nextHops);
    }

    /** Instead of an interface and a gateway; the object must be there. */
    public Route withNextHopId(int nextHopId) {
        return edit(d -> d.nextHopId = nextHopId);
    }

    public Route withPreference(int preference) {
        return edit(d -> d.preference = preference);
    }

    public Route withExpires(long seconds) {
        return edit(d -> d.expiresSeconds = seconds);
    }

    /** Attributes that this library has no name for, to be written behind the others. */
    public Route withUnknown(List<RawAttribute> attributes) {
        return edit(d -> d.unknown = attributes);
    }

    private Route edit(Consumer<RouteDraft> change) {
        RouteDraft d = new RouteDraft(this);
        change.accept(d);
        return d.route();
    }

    /**
     * What to ask of the kernel for this route to be there: without what the kernel alone says of its ways, which it
     * refuses to hear ({@code RTNH_F_DEAD}), and without the ways that it derives from a {@link #nextHopId}.
     */
    Route forRequest() {
        return edit(d -> {
            d.flags &= ~RouteFlags.STATE;
            d.nextHops = nextHops.stream()
                    .map(n -> n.withFlags(n.flags() & ~RouteFlags.STATE))
                    .toList();
            if (nextHopId != 0) {
                d.index = 0;
                d.gateway = null;
                d.nextHops = List.of();
            }
        });
    }

    void write(MessageWriter w) {
        RouteCodec.write(this, w);
    }

    static @Nullable Route read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWROUTE ? decode(b, offset, length) : null;
    }

    static Route decode(ByteBuffer b, int offset, int length) {
        return RouteCodec.decode(b, offset, length);
    }
}
