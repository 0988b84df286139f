package org.mayfly.netlink.route;

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
 * An interface, as {@code ip link} shows it.
 *
 * <pre>
 *  struct ifinfomsg:  | family u8 | pad u8 | type u16 | index s32 | flags u32 | change u32 |
 * </pre>
 *
 * <p>Source: {@code linux/if_link.h}, rtnetlink(7).
 *
 * @param type {@code ARPHRD_*}
 * @param flags {@code IFF_*}
 * @param operstate {@code IF_OPER_*} (RFC 2863): 6 is up, 0 unknown, which is what {@code lo} always says
 * @param kind {@code veth}, {@code bridge}, …; empty for hardware and for {@code lo}
 * @param unknown attributes that have no name here, as they came
 */
public record Link(
        int index, String name, int type, int flags, int mtu, int operstate, String kind, List<RawAttribute> unknown) {
    public static final int IFF_UP = 0x1;
    public static final int IFF_LOOPBACK = 0x8;

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;

    private static final AttributeNames INFO_NAMES =
            AttributeNames.of("IFLA_INFO_", "UNSPEC KIND DATA XSTATS SLAVE_KIND SLAVE_DATA");

    static final AttributeNames NAMES = AttributeNames.of(
                    "IFLA_",
                    "UNSPEC ADDRESS BROADCAST IFNAME MTU LINK QDISC STATS COST PRIORITY MASTER WIRELESS PROTINFO TXQLEN MAP WEIGHT OPERSTATE LINKMODE LINKINFO NET_NS_PID IFALIAS NUM_VF VFINFO_LIST STATS64 VF_PORTS PORT_SELF AF_SPEC GROUP NET_NS_FD EXT_MASK PROMISCUITY NUM_TX_QUEUES NUM_RX_QUEUES CARRIER PHYS_PORT_ID CARRIER_CHANGES PHYS_SWITCH_ID LINK_NETNSID PHYS_PORT_NAME PROTO_DOWN GSO_MAX_SEGS GSO_MAX_SIZE PAD XDP EVENT NEW_NETNSID TARGET_NETNSID CARRIER_UP_COUNT CARRIER_DOWN_COUNT NEW_IFINDEX MIN_MTU MAX_MTU PROP_LIST ALT_IFNAME PERM_ADDRESS PROTO_DOWN_REASON PARENT_DEV_NAME PARENT_DEV_BUS_NAME")
            .nest("LINKINFO", INFO_NAMES);

    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_OPERSTATE = 16;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;
    static final int HEADER = 16;

    public Link {
        unknown = List.copyOf(unknown);
    }

    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }

    /** The payload that sets {@code IFF_UP}. */
    static void writeUp(MessageWriter w, int index) {
        w.u8(0).u8(0).u16(0).u32(index).u32(IFF_UP).u32(IFF_UP);
    }

    /** The payload of {@code RTM_GETLINK} for one interface. */
    static void writeName(MessageWriter w, String name) {
        w.zeros(HEADER).attrString(IFLA_IFNAME, name);
    }

    static void writeDump(MessageWriter w) {
        w.zeros(HEADER);
    }

    static @Nullable Link read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWLINK ? decode(b, offset, length) : null;
    }

    static Link decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a link message of " + length + " bytes", offset);
        }
        String name = "";
        int mtu = 0;
        int operstate = 0;
        String kind = "";
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFLA_IFNAME -> name = a.string();
                case IFLA_MTU -> mtu = a.u32();
                case IFLA_OPERSTATE -> operstate = a.u8();
                case IFLA_LINKINFO -> kind = kind(a.nested());
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        int type = Short.toUnsignedInt(b.getShort(offset + 2));
        return new Link(b.getInt(offset + 4), name, type, b.getInt(offset + 8), mtu, operstate, kind, unknown);
    }

    private static String kind(AttributeReader info) {
        String kind = "";
        while (info.next()) {
            if (info.type() == IFLA_INFO_KIND) {
                kind = info.string();
            }
        }
        return kind;
    }
}
