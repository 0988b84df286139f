package org.mayfly.netlink.route;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * An address on an interface, as {@code ip addr} shows it.
 *
 * <pre>
 *  struct ifaddrmsg:  | family u8 | prefixlen u8 | flags u8 | scope u8 | index u32 |
 * </pre>
 *
 * <p>Begin with {@link #of} and add what is wanted with the methods named {@code with…}.
 *
 * <p>Source: {@code linux/if_addr.h}, rtnetlink(7).
 *
 * @param prefixLength 0 to 128
 * @param flags {@code IFA_F_*}, all 32 bits of {@code IFA_FLAGS}
 * @param scope {@code RT_SCOPE_*}: 0 is universe, 253 link, 254 host
 * @param index of the interface
 * @param preferredSeconds {@code preferred_lft}; {@link #FOREVER} is for ever, 0 means deprecated
 * @param validSeconds {@code valid_lft}
 * @param protocol {@code IFA_PROTO}: who put it up; 0 if nobody said
 * @param peer the other end of a point-to-point link, null elsewhere
 * @param broadcast {@code IFA_BROADCAST}, IPv4 alone; null if there is none
 * @param label {@code IFA_LABEL}, IPv4 alone: {@code eth0} or {@code eth0:1}; empty if there is none
 * @param routePriority {@code IFA_RT_PRIORITY}: the metric of the route to its prefix; 0 is the kernel's choice
 * @param created hundredths of a second from the start of the machine to when it was put up; 0 if nobody said
 * @param updated the same, to when it was last changed
 * @param targetNetnsid {@code IFA_TARGET_NETNSID}: which other namespace it is in, if one was asked for; else -1
 * @param unknown attributes that have no name here, as they came
 */
public record Address(
        InetAddress address,
        int prefixLength,
        int flags,
        int scope,
        int index,
        long preferredSeconds,
        long validSeconds,
        int protocol,
        @Nullable InetAddress peer,
        @Nullable InetAddress broadcast,
        String label,
        int routePriority,
        long created,
        long updated,
        int targetNetnsid,
        List<RawAttribute> unknown) {
    public static final int IFA_F_SECONDARY = 0x01;
    /** The same bit, as IPv6 has it: made up for privacy (RFC 8981). */
    public static final int IFA_F_TEMPORARY = 0x01;

    public static final int IFA_F_NODAD = 0x02;
    public static final int IFA_F_OPTIMISTIC = 0x04;
    public static final int IFA_F_DADFAILED = 0x08;
    public static final int IFA_F_HOMEADDRESS = 0x10;
    public static final int IFA_F_DEPRECATED = 0x20;
    public static final int IFA_F_TENTATIVE = 0x40;
    public static final int IFA_F_PERMANENT = 0x80;
    public static final int IFA_F_MANAGETEMPADDR = 0x100;
    public static final int IFA_F_NOPREFIXROUTE = 0x200;
    public static final int IFA_F_MCAUTOJOIN = 0x400;
    public static final int IFA_F_STABLE_PRIVACY = 0x800;

    public static final int IFAPROT_UNSPEC = 0;
    public static final int IFAPROT_KERNEL_LO = 1;
    public static final int IFAPROT_KERNEL_RA = 2;
    public static final int IFAPROT_KERNEL_LL = 3;

    public static final int SCOPE_UNIVERSE = 0;

    /** {@code INFINITY_LIFE_TIME}. */
    public static final long FOREVER = 0xffff_ffffL;

    static final int RTM_NEWADDR = 20;
    static final int RTM_DELADDR = 21;
    static final int RTM_GETADDR = 22;

    static final AttributeNames NAMES = AttributeNames.of(
            "IFA_",
            "UNSPEC ADDRESS LOCAL LABEL BROADCAST ANYCAST CACHEINFO MULTICAST FLAGS RT_PRIORITY TARGET_NETNSID PROTO");

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_LABEL = 3;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_CACHEINFO = 6;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_RT_PRIORITY = 9;
    static final int IFA_TARGET_NETNSID = 10;
    private static final int IFA_PROTO = 11;

    static final int HEADER = 8;

    public Address {
        unknown = List.copyOf(unknown);
    }

    /** An address that is not one end of a pair. */
    public Address(
            InetAddress address,
            int prefixLength,
            int flags,
            int scope,
            int index,
            long preferredSeconds,
            long validSeconds,
            int protocol) {
        this(
                address,
                prefixLength,
                flags,
                scope,
                index,
                preferredSeconds,
                validSeconds,
                protocol,
                null,
                null,
                "",
                0,
                0,
                0,
                -1,
                List.of());
    }

    /** A plain address: for ever, of universal scope, without flags. */
    public static Address of(InetAddress address, int prefixLength, int index) {
        return new Address(address, prefixLength, 0, SCOPE_UNIVERSE, index, FOREVER, FOREVER, 0);
    }

    public Address withFlags(int flags) {
        return edit(d -> d.flags = flags);
    }

    public Address withScope(int scope) {
        return edit(d -> d.scope = scope);
    }

    /** Both in seconds; {@link #FOREVER} is for ever. */
    public Address withLifetime(long preferredSeconds, long validSeconds) {
        return edit(d -> {
            d.preferred = preferredSeconds;
            d.valid = validSeconds;
        });
    }

    public Address withProtocol(int protocol) {
        return edit(d -> d.protocol = protocol);
    }

    public Address withPeer(InetAddress peer) {
        return edit(d -> d.other = peer);
    }

    public Address withBroadcast(InetAddress broadcast) {
        return edit(d -> d.broadcast = broadcast);
    }

    public Address withLabel(String label) {
        return edit(d -> d.label = label);
    }

    public Address withRoutePriority(int routePriority) {
        return edit(d -> d.routePriority = routePriority);
    }

    /** Attributes that this library has no name for, to be written behind the others. */
    public Address withUnknown(List<RawAttribute> attributes) {
        return edit(d -> d.unknown = attributes);
    }

    private Address edit(Consumer<AddressDraft> change) {
        AddressDraft d = new AddressDraft(this);
        change.accept(d);
        return d.address();
    }

    /** The payload of {@code RTM_NEWADDR}, in the order in which ip writes it. */
    void write(MessageWriter w) {
        boolean wide = (flags & ~0xff) != 0;
        header(w, wide ? 0 : flags).attrInet(IFA_LOCAL, address);
        if (broadcast != null) {
            w.attrInet(IFA_BROADCAST, broadcast);
        }
        if (!label.isEmpty()) {
            w.attrString(IFA_LABEL, label);
        }
        if (routePriority != 0) {
            w.attrU32(IFA_RT_PRIORITY, routePriority);
        }
        if (wide) {
            w.attrU32(IFA_FLAGS, flags);
        }
        w.attrInet(IFA_ADDRESS, other());
        if (preferredSeconds != FOREVER || validSeconds != FOREVER || created != 0 || updated != 0) {
            int info = w.open(IFA_CACHEINFO);
            w.u32((int) preferredSeconds).u32((int) validSeconds);
            w.u32((int) created).u32((int) updated).endNest(info);
        }
        if (protocol != 0) {
            w.attrU8(IFA_PROTO, protocol);
        }
        if (targetNetnsid != -1) {
            w.attrU32(IFA_TARGET_NETNSID, targetNetnsid);
        }
        RawAttribute.writeAll(unknown, w);
    }

    /** The payload of {@code RTM_DELADDR}. */
    void writeKey(MessageWriter w) {
        header(w, 0).attrInet(IFA_LOCAL, address).attrInet(IFA_ADDRESS, other());
    }

    /** {@code IFA_ADDRESS}: the other end, where there is one. */
    private InetAddress other() {
        return peer == null ? address : peer;
    }

    private MessageWriter header(MessageWriter w, int narrowFlags) {
        int family = address instanceof Inet4Address ? Route.AF_INET : Route.AF_INET6;
        return w.u8(family).u8(prefixLength).u8(narrowFlags).u8(scope).u32(index);
    }

    static @Nullable Address read(int type, ByteBuffer b, int offset, int length) {
        return type == RTM_NEWADDR ? decode(b, offset, length) : null;
    }

    static Address decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("an address message of " + length + " bytes", offset);
        }
        AddressDraft d = new AddressDraft();
        d.prefixLength = Byte.toUnsignedInt(b.get(offset + 1));
        d.flags = Byte.toUnsignedInt(b.get(offset + 2));
        d.scope = Byte.toUnsignedInt(b.get(offset + 3));
        d.index = b.getInt(offset + 4);
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFA_LOCAL -> d.local = inet(a);
                case IFA_ADDRESS -> d.other = inet(a);
                case IFA_BROADCAST -> d.broadcast = inet(a);
                case IFA_LABEL -> d.label = a.string();
                case IFA_RT_PRIORITY -> d.routePriority = a.u32();
                case IFA_FLAGS -> d.flags = a.u32();
                case IFA_PROTO -> d.protocol = a.u8();
                case IFA_TARGET_NETNSID -> d.targetNetnsid = a.u32();
                case IFA_CACHEINFO -> {
                    d.preferred = Integer.toUnsignedLong(a.u32());
                    d.valid = Integer.toUnsignedLong(a.u32(4)); // struct ifa_cacheinfo
                    d.created = Integer.toUnsignedLong(a.u32(8));
                    d.updated = Integer.toUnsignedLong(a.u32(12));
                }
                default -> d.unknown.add(RawAttribute.of(a));
            }
        }
        if (d.local == null && d.other == null) {
            throw new MalformedMessageException("an address message without an address", offset);
        }
        return d.address();
    }

    /** An address of 4 or 16 bytes; one of 16 stays one, also where it is a mapped IPv4 address. */
    static InetAddress inet(AttributeReader a) {
        return inet(a.bytes(), a.offset());
    }

    static InetAddress inet(byte[] bytes, int offset) {
        try {
            return bytes.length == 16 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new MalformedMessageException("an address of " + bytes.length + " bytes", offset);
        }
    }
}
