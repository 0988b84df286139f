package org.mayfly.netlink.route;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

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
 */
public record Link(int index, String name, int type, int flags, int mtu) {
    public static final int IFF_UP = 0x1;
    public static final int IFF_LOOPBACK = 0x8;

    static final int RTM_NEWLINK = 16;
    static final int RTM_GETLINK = 18;

    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int HEADER = 16;

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

    static void writeDump(MessageWriter w) {
        w.zeros(HEADER);
    }

    static @Nullable Link read(int messageType, ByteBuffer b, int offset, int length) {
        if (messageType != RTM_NEWLINK) {
            return null;
        }
        if (length < HEADER) {
            throw new MalformedMessageException("a link message of " + length + " bytes", offset);
        }
        String name = "";
        int mtu = 0;
        AttributeReader a = new AttributeReader(b, offset + HEADER, length - HEADER);
        while (a.next()) {
            switch (a.type()) {
                case IFLA_IFNAME -> name = a.string();
                case IFLA_MTU -> mtu = a.u32();
                default -> {}
            }
        }
        return new Link(
                b.getInt(offset + 4), name, Short.toUnsignedInt(b.getShort(offset + 2)), b.getInt(offset + 8), mtu);
    }
}
