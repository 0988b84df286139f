package org.mayfly.netlink.route;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;

/**
 * The sysctls of an interface that decide where packets go, as {@code ip netconf} shows them. The kernel tells them, and of
 * each change; they are set in {@code /proc/sys/net}. {@code force_forwarding} of IPv6 (Linux 6.17) is not among them: of a
 * change of that one it tells without saying what it is.
 *
 * <pre>
 *  struct netconfmsg:  | family u8 | (padding, 3 bytes) |
 * </pre>
 *
 * <p>Source: {@code linux/netconf.h}, {@code inet_netconf_fill_devconf} in {@code net/ipv4/devinet.c}.
 *
 * @param family {@link Route#AF_INET} or {@link Route#AF_INET6}
 * @param index of the interface, or {@link #ALL}, or {@link #DEFAULT}
 * @param forwarding 0 for off; {@link #NOT_TOLD} where something else has changed
 * @param unknown what has no name here, as it came
 */
public record NetConf(int family, int index, int forwarding, List<RawAttribute> unknown) {
    /** {@code NETCONFA_IFINDEX_ALL}: {@code conf/all}. */
    public static final int ALL = -1;

    /** {@code NETCONFA_IFINDEX_DEFAULT}: what an interface begins with. */
    public static final int DEFAULT = -2;

    public static final int NOT_TOLD = -1;

    static final int RTM_NEWNETCONF = 80;
    static final int RTM_DELNETCONF = 81;
    static final int RTM_GETNETCONF = 82;

    static final int HEADER = 4;

    static final AttributeNames NAMES = AttributeNames.of(
            "NETCONFA_",
            "UNSPEC IFINDEX FORWARDING RP_FILTER MC_FORWARDING PROXY_NEIGH IGNORE_ROUTES_WITH_LINKDOWN INPUT BC_FORWARDING");

    private static final int NETCONFA_IFINDEX = 1;
    private static final int NETCONFA_FORWARDING = 2;

    public NetConf {
        unknown = List.copyOf(unknown);
    }

    static NetConf decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a netconf message of " + length + " bytes", offset);
        }
        int index = 0;
        int forwarding = NOT_TOLD;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case NETCONFA_IFINDEX -> index = a.u32();
                case NETCONFA_FORWARDING -> forwarding = a.u32();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new NetConf(Byte.toUnsignedInt(b.get(offset)), index, forwarding, unknown);
    }
}
