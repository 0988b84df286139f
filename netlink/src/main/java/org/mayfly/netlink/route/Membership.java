package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;

/**
 * An address that an interface listens to besides its own: a multicast group, as {@code ip maddr} shows it, or an anycast
 * address of IPv6, such as that of all routers of a prefix. The message is that of an {@link Address}; programs join by
 * options of their sockets (ip(7), ipv6(7)), so that it is only ever read.
 *
 * <p>Source: {@code linux/if_addr.h}, {@code in6_dump_addrs} in {@code net/ipv6/addrconf.c}.
 *
 * @param address null if the kernel did not say
 * @param anycast whether it is an anycast address
 * @param index of the interface
 * @param scope {@code RT_SCOPE_*}
 * @param created hundredths of a second from the start of the machine to when it was joined
 * @param unknown attributes that have no name here, as they came
 */
public record Membership(
        @Nullable InetAddress address,
        boolean anycast,
        int index,
        int scope,
        long created,
        List<RawAttribute> unknown) {
    static final int RTM_NEWMULTICAST = 56;
    static final int RTM_DELMULTICAST = 57;
    static final int RTM_GETMULTICAST = 58;
    static final int RTM_NEWANYCAST = 60;
    static final int RTM_DELANYCAST = 61;
    static final int RTM_GETANYCAST = 62;

    private static final int IFA_ANYCAST = 5;
    private static final int IFA_CACHEINFO = 6;
    private static final int IFA_MULTICAST = 7;

    public Membership {
        unknown = List.copyOf(unknown);
    }

    static Membership decode(ByteBuffer b, int offset, int length) {
        if (length < Address.HEADER) {
            throw new MalformedMessageException("an address message of " + length + " bytes", offset);
        }
        InetAddress address = null;
        boolean anycast = false;
        long created = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + Address.HEADER, length - Address.HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFA_MULTICAST -> address = Address.inet(a);
                case IFA_ANYCAST -> {
                    address = Address.inet(a);
                    anycast = true;
                }
                case IFA_CACHEINFO ->
                    created = Integer.toUnsignedLong(a.u32(8)); // the lifetimes before it are for ever
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        int scope = Byte.toUnsignedInt(b.get(offset + 3));
        return new Membership(address, anycast, b.getInt(offset + 4), scope, created, unknown);
    }
}
