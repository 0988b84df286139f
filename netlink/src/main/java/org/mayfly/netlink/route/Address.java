package org.mayfly.netlink.route;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
 * An address on an interface, as {@code ip addr} shows it.
 *
 * <pre>
 *  struct ifaddrmsg:  | family u8 | prefixlen u8 | flags u8 | scope u8 | index u32 |
 * </pre>
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
 * @param unknown attributes that have no name here, such as a label, as they came
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
        List<RawAttribute> unknown) {
    public static final int IFA_F_TEMPORARY = 0x01;
    public static final int IFA_F_NODAD = 0x02;
    public static final int IFA_F_DEPRECATED = 0x20;
    public static final int IFA_F_TENTATIVE = 0x40;
    public static final int IFA_F_PERMANENT = 0x80;
    public static final int IFA_F_MANAGETEMPADDR = 0x100;
    public static final int IFA_F_NOPREFIXROUTE = 0x200;

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
    private static final int IFA_CACHEINFO = 6;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_PROTO = 11;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
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
        this(address, prefixLength, flags, scope, index, preferredSeconds, validSeconds, protocol, null, List.of());
    }

    /** The payload of {@code RTM_NEWADDR}, in the order in which ip writes it. */
    void write(MessageWriter w) {
        boolean wide = flags > 0xff;
        header(w, wide ? 0 : flags).attrBytes(IFA_LOCAL, address.getAddress());
        if (wide) {
            w.attrU32(IFA_FLAGS, flags);
        }
        w.attrBytes(IFA_ADDRESS, other());
        if (preferredSeconds != FOREVER || validSeconds != FOREVER) {
            int info = w.open(IFA_CACHEINFO);
            w.u32((int) preferredSeconds).u32((int) validSeconds).u32(0).u32(0).endNest(info);
        }
        if (protocol != 0) {
            w.attrU8(IFA_PROTO, protocol);
        }
        unknown.forEach(a -> a.write(w));
    }

    /** The payload of {@code RTM_DELADDR}. */
    void writeKey(MessageWriter w) {
        header(w, 0).attrBytes(IFA_LOCAL, address.getAddress()).attrBytes(IFA_ADDRESS, other());
    }

    /** {@code IFA_ADDRESS}: the other end, where there is one. */
    private byte[] other() {
        return (peer == null ? address : peer).getAddress();
    }

    private MessageWriter header(MessageWriter w, int narrowFlags) {
        int family = address.getAddress().length == 4 ? AF_INET : AF_INET6;
        return w.u8(family).u8(prefixLength).u8(narrowFlags).u8(scope).u32(index);
    }

    static @Nullable Address read(int type, ByteBuffer b, int offset, int length) {
        return type == RTM_NEWADDR ? decode(b, offset, length) : null;
    }

    static Address decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("an address message of " + length + " bytes", offset);
        }
        int flags = Byte.toUnsignedInt(b.get(offset + 2));
        long preferred = FOREVER;
        long valid = FOREVER;
        int protocol = 0;
        InetAddress local = null;
        InetAddress address = null;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFA_LOCAL -> local = inet(a);
                case IFA_ADDRESS -> address = inet(a);
                case IFA_FLAGS -> flags = a.u32();
                case IFA_PROTO -> protocol = a.u8();
                case IFA_CACHEINFO -> {
                    preferred = Integer.toUnsignedLong(a.u32());
                    valid = Integer.toUnsignedLong(a.u32(4)); // struct ifa_cacheinfo: preferred, valid, …
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        InetAddress own = local == null ? address : local; // IPv6 gives IFA_LOCAL only where there is a peer
        if (own == null) {
            throw new MalformedMessageException("an address message without an address", offset);
        }
        return new Address(
                own,
                Byte.toUnsignedInt(b.get(offset + 1)),
                flags,
                Byte.toUnsignedInt(b.get(offset + 3)),
                b.getInt(offset + 4),
                preferred,
                valid,
                protocol,
                own.equals(address) ? null : address,
                unknown);
    }

    /** An address of 4 or 16 bytes; one of 16 stays one, also where it is a mapped IPv4 address. */
    static InetAddress inet(AttributeReader a) {
        byte[] bytes = a.bytes();
        try {
            return bytes.length == 16 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new MalformedMessageException("an address of " + bytes.length + " bytes", a.offset());
        }
    }
}
