package org.mayfly.netlink;

import java.nio.ByteBuffer;

/**
 * What every message of nfnetlink begins with, after the netlink header.
 *
 * <pre>
 *  0        1        2                4
 * +--------+--------+----------------+-----------------
 * | family | 0      | res_id, be16   | attributes
 * +--------+--------+----------------+-----------------
 * </pre>
 *
 * <p>The upper byte of the message type is the subsystem. Source: {@code linux/netfilter/nfnetlink.h} ({@code struct
 * nfgenmsg}).
 */
public final class NfGenMessage {
    /** Bytes of {@code struct nfgenmsg}. */
    public static final int LENGTH = 4;

    private NfGenMessage() {}

    /**
     * Starts a message: attributes go next.
     *
     * @param type subsystem and message
     * @param flags {@code NLM_F_*}; {@code NLM_F_REQUEST} is added
     * @param family {@code NFPROTO_*}
     * @param resource {@code res_id}
     */
    public static MessageWriter begin(MessageWriter w, int type, int flags, int family, int resource) {
        return w.begin(type, flags | NetlinkFlags.NLM_F_REQUEST)
                .u8(family)
                .u8(0)
                .be16(resource);
    }

    /**
     * {@code nfgen_family}.
     *
     * @param at where the payload begins, after the netlink header
     * @param length bytes of it
     */
    public static int family(ByteBuffer message, int at, int length) {
        need(at, length);
        return Byte.toUnsignedInt(message.get(at));
    }

    /** The attributes of a message whose payload is there. */
    public static AttributeReader attributes(ByteBuffer message, int at, int length) {
        need(at, length);
        return new AttributeReader(message, at + LENGTH, length - LENGTH);
    }

    private static void need(int at, int length) {
        if (length < LENGTH) {
            throw new MalformedMessageException("no room for struct nfgenmsg in " + length + " bytes", at);
        }
    }
}
