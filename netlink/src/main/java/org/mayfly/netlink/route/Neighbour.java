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
 * What is known of a neighbour (ARP, NDP), or an address for which this machine answers in another's place: as
 * {@code ip neigh} shows it.
 *
 * <pre>
 *  struct ndmsg:  | family u8 | pad u8 | pad u16 | ifindex s32 | state u16 | flags u8 | type u8 |
 * </pre>
 *
 * <p>Source: {@code linux/neighbour.h}, {@code net/core/neighbour.c}, rtnetlink(7), ip-neighbour(8).
 *
 * @param family {@code AF_INET}, {@code AF_INET6}; {@link Link#AF_BRIDGE} for what a bridge has learned, of which events
 *     tell too
 * @param index of the interface; 0 for a proxy entry of all of them
 * @param destination the neighbour's address; null in what a bridge has learned
 * @param lladdr where it is on the link; {@link LinkLayerAddress#NONE} if that is not known
 * @param state {@code NUD_*}; 0 of a proxy entry
 * @param flags {@code NTF_*}
 * @param extendedFlags {@code NTF_EXT_*}, of {@code NDA_FLAGS_EXT}
 * @param protocol {@code RTPROT_*}: who put it there; 0 if nobody said
 * @param type {@code RTN_*} of the address: 1 unicast, 5 multicast; the kernel's to tell
 * @param probes how often it has been asked in vain; the kernel's to tell
 * @param cacheInfo the kernel's to tell; null of a proxy entry
 * @param unknown attributes that have no name here, as they came
 */
public record Neighbour(
        int family,
        int index,
        @Nullable InetAddress destination,
        LinkLayerAddress lladdr,
        int state,
        int flags,
        int extendedFlags,
        int protocol,
        int type,
        int probes,
        @Nullable CacheInfo cacheInfo,
        List<RawAttribute> unknown) {
    public static final int NUD_NONE = 0;
    public static final int NUD_INCOMPLETE = 0x01;
    public static final int NUD_REACHABLE = 0x02;
    public static final int NUD_STALE = 0x04;
    public static final int NUD_DELAY = 0x08;
    public static final int NUD_PROBE = 0x10;
    public static final int NUD_FAILED = 0x20;
    public static final int NUD_NOARP = 0x40;
    public static final int NUD_PERMANENT = 0x80;

    /** In a request: begin to ask for it at once. */
    public static final int NTF_USE = 0x01;

    public static final int NTF_PROXY = 0x08;
    public static final int NTF_EXT_LEARNED = 0x10;
    public static final int NTF_ROUTER = 0x80;

    /** Of {@code extendedFlags}: the kernel keeps it reachable. */
    public static final int NTF_EXT_MANAGED = 0x01;

    static final int RTM_NEWNEIGH = 28;
    static final int RTM_DELNEIGH = 29;
    static final int RTM_GETNEIGH = 30;

    static final AttributeNames NAMES = AttributeNames.of(
            "NDA_",
            "UNSPEC DST LLADDR CACHEINFO PROBES VLAN PORT VNI IFINDEX MASTER LINK_NETNSID SRC_VNI PROTOCOL NH_ID "
                    + "FDB_EXT_ATTRS FLAGS_EXT NDM_STATE_MASK NDM_FLAGS_MASK");

    private static final int NDA_DST = 1;
    private static final int NDA_LLADDR = 2;
    private static final int NDA_CACHEINFO = 3;
    private static final int NDA_PROBES = 4;
    static final int NDA_IFINDEX = 8;
    static final int NDA_MASTER = 9;
    private static final int NDA_PROTOCOL = 12;
    private static final int NDA_FLAGS_EXT = 15;
    static final int HEADER = 12;

    /**
     * When things happened to an entry: {@code struct nda_cacheinfo}.
     *
     * @param confirmed how long ago it was last known to be right, in 1/100 s
     * @param used how long ago it was last used, in 1/100 s
     * @param updated how long ago it last changed, in 1/100 s
     * @param references how many hold it
     */
    public record CacheInfo(long confirmed, long used, long updated, int references) {
        static CacheInfo read(AttributeReader a) {
            return new CacheInfo(
                    Integer.toUnsignedLong(a.u32(0)),
                    Integer.toUnsignedLong(a.u32(4)),
                    Integer.toUnsignedLong(a.u32(8)),
                    a.u32(12));
        }
    }

    public Neighbour {
        unknown = List.copyOf(unknown);
    }

    /** An entry that stays until it is deleted ({@link #NUD_PERMANENT}). */
    public static Neighbour permanent(int index, InetAddress destination, LinkLayerAddress lladdr) {
        return of(index, destination, lladdr, NUD_PERMANENT, 0);
    }

    /**
     * Makes this machine answer for an address on an interface, if {@code proxy_ndp} or {@code proxy_arp} of it is on.
     *
     * @param index 0 for all interfaces
     */
    public static Neighbour proxy(int index, InetAddress destination) {
        return of(index, destination, LinkLayerAddress.NONE, NUD_NONE, NTF_PROXY);
    }

    private static Neighbour of(int index, InetAddress destination, LinkLayerAddress lladdr, int state, int flags) {
        int family = destination instanceof Inet4Address ? Route.AF_INET : Route.AF_INET6;
        return new Neighbour(family, index, destination, lladdr, state, flags, 0, 0, 0, 0, null, List.of());
    }

    public Neighbour withState(int other) {
        return new Neighbour(
                family,
                index,
                destination,
                lladdr,
                other,
                flags,
                extendedFlags,
                protocol,
                type,
                probes,
                cacheInfo,
                unknown);
    }

    public Neighbour withFlags(int other, int otherExtended) {
        return new Neighbour(
                family,
                index,
                destination,
                lladdr,
                state,
                other,
                otherExtended,
                protocol,
                type,
                probes,
                cacheInfo,
                unknown);
    }

    public Neighbour withProtocol(int other) {
        return new Neighbour(
                family,
                index,
                destination,
                lladdr,
                state,
                flags,
                extendedFlags,
                other,
                type,
                probes,
                cacheInfo,
                unknown);
    }

    /** Whether this machine answers in the other's place. */
    public boolean isProxy() {
        return (flags & NTF_PROXY) != 0;
    }

    /** The payload of {@code RTM_NEWNEIGH}: what is the kernel's to tell is left out. */
    void write(MessageWriter w) {
        header(w, state, flags);
        if (protocol != 0) {
            w.attrU8(NDA_PROTOCOL, protocol);
        }
        if (destination != null) {
            w.attrInet(NDA_DST, destination);
        }
        if (extendedFlags != 0) {
            w.attrU32(NDA_FLAGS_EXT, extendedFlags);
        }
        if (lladdr.bytes().length() > 0) {
            lladdr.bytes().write(w, NDA_LLADDR);
        }
        RawAttribute.writeAll(unknown, w);
    }

    /** The payload of {@code RTM_DELNEIGH} and {@code RTM_GETNEIGH}: strict checking wants nothing else. */
    void writeKey(MessageWriter w) {
        header(w, 0, flags & NTF_PROXY);
        if (destination != null) {
            w.attrInet(NDA_DST, destination);
        }
    }

    private void header(MessageWriter w, int ndmState, int ndmFlags) {
        w.u8(family).zeros(3).u32(index).u16(ndmState).u8(ndmFlags).u8(0);
    }

    static @Nullable Neighbour read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWNEIGH ? decode(b, offset, length) : null;
    }

    static Neighbour decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a neighbour message of " + length + " bytes", offset);
        }
        InetAddress destination = null;
        LinkLayerAddress lladdr = LinkLayerAddress.NONE;
        int extendedFlags = 0;
        int protocol = 0;
        int probes = 0;
        CacheInfo cacheInfo = null;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case NDA_DST -> destination = Address.inet(a);
                case NDA_LLADDR -> lladdr = LinkLayerAddress.read(a);
                case NDA_CACHEINFO -> cacheInfo = CacheInfo.read(a);
                case NDA_PROBES -> probes = a.u32();
                case NDA_PROTOCOL -> protocol = a.u8();
                case NDA_FLAGS_EXT -> extendedFlags = a.u32();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Neighbour(
                Byte.toUnsignedInt(b.get(offset)),
                b.getInt(offset + 4),
                destination,
                lladdr,
                Short.toUnsignedInt(b.getShort(offset + 8)),
                Byte.toUnsignedInt(b.get(offset + 10)),
                extendedFlags,
                protocol,
                Byte.toUnsignedInt(b.get(offset + 11)),
                probes,
                cacheInfo,
                unknown);
    }
}
