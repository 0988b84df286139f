package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;

/**
 * A prefix that a router has advertised on a link (RFC 4861, prefix information), as {@code ip monitor prefix} shows it.
 * The kernel tells of it each time it hears of it, and keeps no list to be asked for.
 *
 * <pre>
 *  struct prefixmsg:  | family u8 | pad u8 | pad u16 | ifindex s32 | type u8 | len u8 | flags u8 | pad u8 |
 * </pre>
 *
 * <p>Source: {@code linux/rtnetlink.h}, {@code inet6_fill_prefix} in {@code net/ipv6/addrconf.c}.
 *
 * @param prefix null if the kernel did not say
 * @param length of the prefix
 * @param index of the interface
 * @param type of the option in the advertisement: 3 is prefix information
 * @param flags as the kernel tells them, which is not the same before and after 6.8: see {@link #onLink}
 * @param preferredSeconds {@link Address#FOREVER} is for ever
 * @param validSeconds {@link Address#FOREVER} is for ever; 0 takes the prefix back
 * @param unknown attributes that have no name here, as they came
 */
public record Prefix(
        @Nullable InetAddress prefix,
        int length,
        int index,
        int type,
        int flags,
        long preferredSeconds,
        long validSeconds,
        List<RawAttribute> unknown) {
    /** Kernels before 6.8 have two flags of their own. */
    private static final int IF_PREFIX_ONLINK = 0x01;

    private static final int IF_PREFIX_AUTOCONF = 0x02;

    /** Later ones hand on those of the advertisement, RFC 4861, 4.6.2: L and A, and what comes to be defined. */
    private static final int ND_OPT_PI_FLAG_ONLINK = 0x80;

    private static final int ND_OPT_PI_FLAG_AUTO = 0x40;

    static final int RTM_NEWPREFIX = 52;

    static final int HEADER = 12;

    static final AttributeNames NAMES = AttributeNames.of("PREFIX_", "UNSPEC ADDRESS CACHEINFO");

    private static final int PREFIX_ADDRESS = 1;
    private static final int PREFIX_CACHEINFO = 2;

    public Prefix {
        unknown = List.copyOf(unknown);
    }

    /** Whether all of the prefix is on the link: no router is needed between its addresses. */
    public boolean onLink() {
        return (flags & (IF_PREFIX_ONLINK | ND_OPT_PI_FLAG_ONLINK)) != 0;
    }

    /** Whether hosts may make up addresses of it. */
    public boolean autonomous() {
        return (flags & (IF_PREFIX_AUTOCONF | ND_OPT_PI_FLAG_AUTO)) != 0;
    }

    static Prefix decode(ByteBuffer b, int offset, int length) {
        if (length < HEADER) {
            throw new MalformedMessageException("a prefix message of " + length + " bytes", offset);
        }
        InetAddress prefix = null;
        long preferred = 0;
        long valid = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case PREFIX_ADDRESS -> prefix = Address.inet(a);
                case PREFIX_CACHEINFO -> {
                    preferred = Integer.toUnsignedLong(a.u32()); // struct prefix_cacheinfo
                    valid = Integer.toUnsignedLong(a.u32(4));
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Prefix(
                prefix,
                Byte.toUnsignedInt(b.get(offset + 9)),
                b.getInt(offset + 4),
                Byte.toUnsignedInt(b.get(offset + 8)),
                Byte.toUnsignedInt(b.get(offset + 10)),
                preferred,
                valid,
                unknown);
    }
}
