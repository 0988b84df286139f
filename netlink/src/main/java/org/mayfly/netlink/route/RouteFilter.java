package org.mayfly.netlink.route;

import org.mayfly.netlink.MessageWriter;

/**
 * Which routes a dump is to give. The kernel chooses, so that what is not wanted is not sent.
 *
 * <p>Source: {@code ip_valid_fib_dump_req} in {@code net/ipv4/fib_frontend.c}; Linux 4.20 and later.
 *
 * @param family {@link Route#AF_INET} or {@link Route#AF_INET6}
 * @param table 0 for all
 * @param protocol {@code RTPROT_*}; 0 for all
 * @param type {@code RTN_*}; 0 for all
 * @param index of the outgoing interface, also where it is one of several; 0 for all
 */
public record RouteFilter(int family, int table, int protocol, int type, int index) {
    /** All routes of all tables of a family. */
    public static RouteFilter of(int family) {
        return new RouteFilter(family, 0, 0, 0, 0);
    }

    public RouteFilter withTable(int table) {
        return new RouteFilter(family, table, protocol, type, index);
    }

    public RouteFilter withProtocol(int protocol) {
        return new RouteFilter(family, table, protocol, type, index);
    }

    public RouteFilter withType(int type) {
        return new RouteFilter(family, table, protocol, type, index);
    }

    public RouteFilter withIndex(int index) {
        return new RouteFilter(family, table, protocol, type, index);
    }

    /** The payload of {@code RTM_GETROUTE} for a dump. */
    void write(MessageWriter w) {
        w.u8(family).zeros(4).u8(protocol).u8(0).u8(type).u32(0);
        if (table != 0) {
            w.attrU32(RouteCodec.RTA_TABLE, table);
        }
        if (index != 0) {
            w.attrU32(RouteCodec.RTA_OIF, index);
        }
    }
}
