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
 * An interface, as {@code ip -d link} shows it. What it is to be like is said by {@link LinkSettings}.
 *
 * <pre>
 *  struct ifinfomsg:  | family u8 | pad u8 | type u16 | index s32 | flags u32 | change u32 |
 * </pre>
 *
 * <p>Source: {@code linux/if_link.h}, rtnetlink(7).
 *
 * @param family 0; {@link #AF_BRIDGE} in what a bridge tells of its ports
 * @param index its number, unique in its namespace
 * @param type {@code ARPHRD_*}
 * @param flags {@code IFF_*}
 * @param operstate {@code IF_OPER_*} (RFC 2863): 6 is up, 0 unknown, which is what {@code lo} always says
 * @param carrier whether there is a signal on the wire; an interface that is down has none
 * @param mtu in bytes
 * @param minMtu the least it may be; 0 if nobody says
 * @param maxMtu the most it may be; 0 if nobody says
 * @param txQueueLength in packets
 * @param group {@code IFLA_GROUP}; 0 is the default
 * @param alias a remark; empty if there is none
 * @param address a MAC address
 * @param broadcast that which reaches all on the link
 * @param master the number of the bridge (or its kind) to which it belongs; 0 for none
 * @param link {@code IFLA_LINK}: the number of the interface below it, or of a veth's other end; 0 for none
 * @param linkNetnsId in which namespace {@code link} is; -1 is the same one
 * @param info {@code IFLA_LINKINFO}
 * @param unknown attributes that have no name here, statistics for one, as they came
 */
public record Link(
        int family,
        int index,
        String name,
        int type,
        int flags,
        int operstate,
        boolean carrier,
        int mtu,
        int minMtu,
        int maxMtu,
        int txQueueLength,
        int group,
        String alias,
        LinkLayerAddress address,
        LinkLayerAddress broadcast,
        int master,
        int link,
        int linkNetnsId,
        LinkInfo info,
        List<RawAttribute> unknown) {
    public static final int IFF_UP = 0x1;
    public static final int IFF_LOOPBACK = 0x8;
    public static final int AF_BRIDGE = 7;

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;

    static final AttributeNames NAMES = AttributeNames.of(
                    "IFLA_",
                    "UNSPEC ADDRESS BROADCAST IFNAME MTU LINK QDISC STATS COST PRIORITY MASTER WIRELESS PROTINFO TXQLEN "
                            + "MAP WEIGHT OPERSTATE LINKMODE LINKINFO NET_NS_PID IFALIAS NUM_VF VFINFO_LIST STATS64 "
                            + "VF_PORTS PORT_SELF AF_SPEC GROUP NET_NS_FD EXT_MASK PROMISCUITY NUM_TX_QUEUES "
                            + "NUM_RX_QUEUES CARRIER PHYS_PORT_ID CARRIER_CHANGES PHYS_SWITCH_ID LINK_NETNSID "
                            + "PHYS_PORT_NAME PROTO_DOWN GSO_MAX_SEGS GSO_MAX_SIZE PAD XDP EVENT NEW_NETNSID "
                            + "TARGET_NETNSID CARRIER_UP_COUNT CARRIER_DOWN_COUNT NEW_IFINDEX MIN_MTU MAX_MTU "
                            + "PROP_LIST ALT_IFNAME PERM_ADDRESS PROTO_DOWN_REASON PARENT_DEV_NAME "
                            + "PARENT_DEV_BUS_NAME GRO_MAX_SIZE TSO_MAX_SIZE TSO_MAX_SEGS ALLMULTI DEVLINK_PORT "
                            + "GSO_IPV4_MAX_SIZE GRO_IPV4_MAX_SIZE DPLL_PIN MAX_PACING_OFFLOAD_HORIZON "
                            + "NETNS_IMMUTABLE HEADROOM TAILROOM")
            .nest("LINKINFO", LinkInfo.NAMES);

    static final int IFLA_ADDRESS = 1;
    private static final int IFLA_BROADCAST = 2;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_MASTER = 10;
    static final int IFLA_TXQLEN = 13;
    private static final int IFLA_OPERSTATE = 16;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_NET_NS_PID = 19;
    static final int IFLA_IFALIAS = 20;
    static final int IFLA_GROUP = 27;
    static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_CARRIER = 33;
    private static final int IFLA_LINK_NETNSID = 37;
    private static final int IFLA_MIN_MTU = 50;
    private static final int IFLA_MAX_MTU = 51;
    static final int HEADER = 16;

    /** {@code NETNSA_NSID_NOT_ASSIGNED}. */
    private static final int SAME_NAMESPACE = -1;

    public Link {
        unknown = List.copyOf(unknown);
    }

    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    public boolean isLoopback() {
        return (flags & IFF_LOOPBACK) != 0;
    }

    /** What sort of virtual interface it is. */
    public LinkKind kind() {
        return info.kind();
    }

    /**
     * What would make one like it, as far as the kernel tells: not a veth's other end. Without the
     * {@link LinkSettings#alias alias}, which the kernel does not take where it makes one. Of a kind that has no names
     * here ({@link LinkKind.Other}) with all that its driver tells, which may be more than it takes.
     */
    public LinkSettings settings() {
        LinkSettings s = LinkSettings.named(name).mtu(mtu).txQueueLength(txQueueLength);
        if (address.bytes().length() > 0) {
            s = s.address(address);
        }
        if (group != 0) {
            s = s.group(group);
        }
        if (master != 0) {
            s = s.master(master);
        }
        if (link != 0 && !(kind() instanceof Veth)) {
            s = s.link(link);
        }
        LinkKind like = kind() instanceof Bridge bridge ? bridge.settable() : kind();
        return (isUp() ? s.up() : s).kind(like);
    }

    /** The payload of a message about the one of that number, without attributes. */
    static void writeIndex(MessageWriter w, int index) {
        w.u32(0).u32(index).u32(0).u32(0);
    }

    /** The payload of {@code RTM_GETLINK} for one interface. */
    static void writeName(MessageWriter w, String name) {
        w.zeros(HEADER).attrString(IFLA_IFNAME, name);
    }

    static @Nullable Link read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWLINK ? decode(b, offset, length) : null;
    }

    static Link decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a link message of " + length + " bytes", offset);
        }
        String name = "";
        int operstate = 0;
        boolean carrier = false;
        int mtu = 0;
        int minMtu = 0;
        int maxMtu = 0;
        int txQueueLength = 0;
        int group = 0;
        String alias = "";
        LinkLayerAddress address = LinkLayerAddress.NONE;
        LinkLayerAddress broadcast = LinkLayerAddress.NONE;
        int master = 0;
        int link = 0;
        int linkNetnsId = SAME_NAMESPACE;
        LinkInfo info = LinkInfo.NONE;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFLA_IFNAME -> name = a.string();
                case IFLA_OPERSTATE -> operstate = a.u8();
                case IFLA_CARRIER -> carrier = a.u8() != 0;
                case IFLA_MTU -> mtu = a.u32();
                case IFLA_MIN_MTU -> minMtu = a.u32();
                case IFLA_MAX_MTU -> maxMtu = a.u32();
                case IFLA_TXQLEN -> txQueueLength = a.u32();
                case IFLA_GROUP -> group = a.u32();
                case IFLA_IFALIAS -> alias = a.string();
                case IFLA_ADDRESS -> address = LinkLayerAddress.read(a);
                case IFLA_BROADCAST -> broadcast = LinkLayerAddress.read(a);
                case IFLA_MASTER -> master = a.u32();
                case IFLA_LINK -> link = a.u32();
                case IFLA_LINK_NETNSID -> linkNetnsId = a.u32();
                case IFLA_LINKINFO -> info = LinkInfo.read(a.nested());
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Link(
                Byte.toUnsignedInt(b.get(offset)),
                b.getInt(offset + 4),
                name,
                Short.toUnsignedInt(b.getShort(offset + 2)),
                b.getInt(offset + 8),
                operstate,
                carrier,
                mtu,
                minMtu,
                maxMtu,
                txQueueLength,
                group,
                alias,
                address,
                broadcast,
                master,
                link,
                linkNetnsId,
                info,
                unknown);
    }
}
