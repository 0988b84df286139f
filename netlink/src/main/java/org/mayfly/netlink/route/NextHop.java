package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * One of several ways that a route offers, of {@code RTA_MULTIPATH}.
 *
 * <pre>
 *  struct rtnexthop:  | len u16 | flags u8 | hops u8 | ifindex s32 | attributes, padded to 4
 * </pre>
 *
 * <p>Source: {@code linux/rtnetlink.h}.
 *
 * @param index of the outgoing interface; 0 lets the kernel find it by the gateway
 * @param weight 1 to 256: its share; the kernel counts from 0 ({@code rtnh_hops})
 * @param flags {@link RouteFlags}, {@code RTNH_F_*}
 * @param gateway null if the destination is on the link itself; one of IPv6 serves an IPv4 route too
 * @param unknown attributes that have no name here, such as an encapsulation, as they came
 */
public record NextHop(
        int index, int weight, int flags, @Nullable InetAddress gateway, List<RawAttribute> unknown) {
    private static final int HEADER = 8;

    public NextHop {
        if (weight < 1 || weight > 256) {
            throw new IllegalArgumentException("a weight is 1 to 256, not " + weight);
        }
        unknown = List.copyOf(unknown);
    }

    /** A way through a gateway. */
    public static NextHop via(InetAddress gateway, int index, int weight) {
        return new NextHop(index, weight, 0, gateway, List.of());
    }

    public NextHop withFlags(int flags) {
        return new NextHop(index, weight, flags, gateway, unknown);
    }

    /**
     * Writes one {@code struct rtnexthop}.
     *
     * @param family of the route: a gateway of another one is an {@code RTA_VIA}
     */
    void write(MessageWriter w, int family) {
        int start = w.length();
        w.u16(0).u8(flags).u8(weight - 1).u32(index);
        if (gateway != null) {
            Gateway.write(w, family, gateway);
        }
        unknown.forEach(a -> a.write(w));
        w.buffer().putShort(start, (short) (w.length() - start));
    }

    /** All that are in an {@code RTA_MULTIPATH}. */
    static List<NextHop> readAll(AttributeReader multipath) {
        ByteBuffer b = ByteBuffer.wrap(multipath.bytes()).order(ByteOrder.nativeOrder());
        List<NextHop> all = new ArrayList<>();
        int at = 0;
        while (b.limit() - at >= HEADER) {
            int length = Short.toUnsignedInt(b.getShort(at));
            if (length < HEADER || length > b.limit() - at) {
                throw new MalformedMessageException("a next hop of " + length + " bytes", multipath.offset() + at);
            }
            all.add(decode(b, at, length));
            at += length + 3 & ~3;
        }
        return all;
    }

    static NextHop decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a next hop of " + length + " bytes", offset);
        }
        InetAddress gateway = null;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            InetAddress found = Gateway.read(a);
            if (found == null) {
                unknown.add(RawAttribute.of(a));
            } else {
                gateway = found;
            }
        }
        int weight = Byte.toUnsignedInt(b.get(offset + 3)) + 1;
        return new NextHop(b.getInt(offset + 4), weight, Byte.toUnsignedInt(b.get(offset + 2)), gateway, unknown);
    }
}
