package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * The gateway of a route or next hop: {@code RTA_GATEWAY} if it is of the route's own family, else {@code RTA_VIA}.
 *
 * <pre>
 *  struct rtvia:  | family u16 | address |
 * </pre>
 *
 * <p>Source: {@code linux/rtnetlink.h}.
 */
final class Gateway {
    static final int RTA_GATEWAY = 5;
    static final int RTA_VIA = 18;

    private static final int FAMILY = 2;

    private Gateway() {}

    static void write(MessageWriter w, int family, InetAddress gateway) {
        byte[] address = gateway.getAddress();
        int own = address.length == 4 ? Route.AF_INET : Route.AF_INET6;
        if (own == family) {
            w.attrBytes(RTA_GATEWAY, address);
        } else {
            int via = w.open(RTA_VIA);
            w.u16(own).bytes(address).endNest(via);
        }
    }

    /** @return null if the attribute is no gateway, or one of a family that has no addresses of IP */
    static @Nullable InetAddress read(AttributeReader a) {
        if (a.type() == RTA_GATEWAY) {
            return Address.inet(a);
        }
        if (a.type() != RTA_VIA) {
            return null;
        }
        int expected = a.u16() == Route.AF_INET ? 4 : a.u16() == Route.AF_INET6 ? 16 : -1;
        byte[] via = a.bytes();
        return expected != via.length - FAMILY
                ? null
                : Address.inet(Arrays.copyOfRange(via, FAMILY, via.length), a.offset());
    }
}
