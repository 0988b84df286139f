package org.mayfly.netlink.route;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * A packet, of which the kernel is to say where it would go: {@code ip route get}.
 *
 * <p>Begin with {@link #to} and add what is known with the methods named {@code with…}.
 *
 * <p>Source: {@code inet_rtm_valid_getroute_req} in {@code net/ipv4/route.c}, ip-route(8).
 *
 * @param source null for one that the kernel chooses
 * @param tos type of service
 * @param outgoing interface that it must leave by; 0 for any
 * @param incoming interface that it came in by; 0 if it is made here
 * @param mark of the firewall
 * @param uid of who sends it; -1 for the asking process
 * @param ipProto 6 for TCP, 17 for UDP; 0 for neither
 * @param sourcePort 0 if it has none, as {@code destinationPort}
 * @param fibMatch whether the answer is to be the route of the table, instead of what becomes of it for this packet
 */
public record RouteLookup(
        InetAddress destination,
        @Nullable InetAddress source,
        int tos,
        int outgoing,
        int incoming,
        int mark,
        long uid,
        int ipProto,
        int sourcePort,
        int destinationPort,
        boolean fibMatch) {
    /** A packet made here. */
    public static RouteLookup to(InetAddress destination) {
        return new RouteLookup(destination, null, 0, 0, 0, 0, -1, 0, 0, 0, false);
    }

    /** @param incoming interface; 0 if it is made here */
    public RouteLookup withSource(InetAddress source, int incoming) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withTos(int tos) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withOutgoing(int outgoing) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withMark(int mark) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withUid(long uid) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withPorts(int ipProto, int sourcePort, int destinationPort) {
        return new RouteLookup(
                destination,
                source,
                tos,
                outgoing,
                incoming,
                mark,
                uid,
                ipProto,
                sourcePort,
                destinationPort,
                fibMatch);
    }

    public RouteLookup withFibMatch() {
        return new RouteLookup(
                destination, source, tos, outgoing, incoming, mark, uid, ipProto, sourcePort, destinationPort, true);
    }

    /** The payload of {@code RTM_GETROUTE} for one route, in the order in which ip writes it. */
    void write(MessageWriter w) {
        byte[] to = destination.getAddress();
        boolean ipv4 = to.length == 4;
        int flags = (ipv4 ? RouteFlags.RTM_F_LOOKUP_TABLE : 0) | (fibMatch ? RouteFlags.RTM_F_FIB_MATCH : 0);
        w.u8(ipv4 ? Route.AF_INET : Route.AF_INET6).u8(to.length * Byte.SIZE);
        w.u8(source == null ? 0 : to.length * Byte.SIZE).u8(tos).u32(0).u32(flags);
        w.attrBytes(RouteCodec.RTA_DST, to);
        if (source != null) {
            w.attrBytes(RouteCodec.RTA_SRC, source.getAddress());
        }
        if (uid >= 0) {
            w.attrU32(RouteCodec.RTA_UID, (int) uid);
        }
        if (ipProto != 0) {
            w.attrU8(RouteCodec.RTA_IP_PROTO, ipProto);
        }
        port(w, RouteCodec.RTA_SPORT, sourcePort);
        port(w, RouteCodec.RTA_DPORT, destinationPort);
        number(w, RouteCodec.RTA_IIF, incoming);
        number(w, RouteCodec.RTA_OIF, outgoing);
        number(w, RouteCodec.RTA_MARK, mark);
    }

    private static void port(MessageWriter w, int type, int port) {
        if (port != 0) {
            w.attrBe16(type, port);
        }
    }

    private static void number(MessageWriter w, int type, int value) {
        if (value != 0) {
            w.attrU32(type, value);
        }
    }
}
