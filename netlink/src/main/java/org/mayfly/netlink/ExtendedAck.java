package org.mayfly.netlink;

import java.nio.ByteBuffer;

/**
 * What the kernel says about a request: the payload of {@code NLMSG_ERROR}, or of the {@code NLMSG_DONE} that ends a
 * dump, which may have failed too.
 *
 * <pre>
 *  NLMSG_ERROR  | -errno s32 | header of the request | its payload, unless NLM_F_CAPPED | attributes, if NLM_F_ACK_TLVS
 *  NLMSG_DONE   | -errno s32 | attributes, if NLM_F_ACK_TLVS
 * </pre>
 *
 * <p>Source: {@code struct nlmsgerr} and {@code enum nlmsgerr_attrs} in {@code linux/netlink.h}.
 *
 * @param errno positive, or 0 for an acknowledgement
 * @param message the kernel's words; empty if there are none
 * @param offset of the attribute that was wrong, or in which one is missing, from the request's header on; 0 if the
 *     kernel did not say
 * @param missing type of the attribute that is missing; -1 if none is
 */
public record ExtendedAck(int errno, String message, int offset, int missing) {
    private static final int NLMSGERR_ATTR_MSG = 1;
    private static final int NLMSGERR_ATTR_OFFS = 2;
    private static final int NLMSGERR_ATTR_MISS_TYPE = 5;
    private static final int NLMSGERR_ATTR_MISS_NEST = 6;

    private static final int ERROR = 4;

    /** The error number alone, 0 for an acknowledgement. Allocates nothing. */
    public static int errno(ByteBuffer b, MessageReader m) {
        if (m.length() >= ERROR) {
            return -b.getInt(m.offset());
        }
        if (m.type() == ControlType.NLMSG_DONE) {
            return 0; // some dumps end without a word
        }
        throw new MalformedMessageException("an NLMSG_ERROR of " + m.length() + " bytes", m.offset());
    }

    /** The message on which the reader stands, an {@code NLMSG_ERROR} or {@code NLMSG_DONE}. */
    public static ExtendedAck read(ByteBuffer b, MessageReader m) {
        int errno = errno(b, m);
        String text = "";
        int offset = 0;
        int missing = -1;
        if ((m.flags() & NetlinkFlags.NLM_F_ACK_TLVS) != 0) {
            int skip = attributes(b, m);
            AttributeReader a = new AttributeReader(b, m.offset() + skip, m.length() - skip);
            while (a.next()) {
                switch (a.type()) {
                    case NLMSGERR_ATTR_MSG -> text = a.string();
                    case NLMSGERR_ATTR_OFFS, NLMSGERR_ATTR_MISS_NEST -> offset = a.u32();
                    case NLMSGERR_ATTR_MISS_TYPE -> missing = a.u32();
                    default -> {}
                }
            }
        }
        return new ExtendedAck(errno, text, offset, missing);
    }

    private static int attributes(ByteBuffer b, MessageReader m) {
        if (m.type() == ControlType.NLMSG_DONE) {
            return Math.min(ERROR, m.length());
        }
        boolean capped = (m.flags() & NetlinkFlags.NLM_F_CAPPED) != 0;
        int room = m.length() - ERROR;
        int request = capped ? MessageWriter.HEADER : room < MessageWriter.HEADER ? 0 : b.getInt(m.offset() + ERROR);
        if (request < MessageWriter.HEADER || request > room) {
            throw new MalformedMessageException("an NLMSG_ERROR that repeats " + request + " bytes", m.offset());
        }
        return Math.min(m.length(), ERROR + (request + 3 & ~3));
    }
}
