package org.mayfly.netlink;

/** Values of {@code nlmsg_flags}. Some bits mean one thing in a request and another in an answer. Source: {@code linux/netlink.h}. */
public final class NetlinkFlags {
    /** It is a request message. */
    public static final int NLM_F_REQUEST = 0x01;
    /** Part of a series that {@code NLMSG_DONE} ends. */
    public static final int NLM_F_MULTI = 0x02;
    /** Answer with an acknowledgement, also when all went well. */
    public static final int NLM_F_ACK = 0x04;
    /** Send what was changed back to the one who changed it. */
    public static final int NLM_F_ECHO = 0x08;
    /** What is being dumped changed meanwhile; the dump is not consistent. */
    public static final int NLM_F_DUMP_INTR = 0x10;
    /** The dump was filtered as asked. */
    public static final int NLM_F_DUMP_FILTERED = 0x20;

    /** GET: the whole table. */
    public static final int NLM_F_ROOT = 0x100;
    /** GET: all that matches. */
    public static final int NLM_F_MATCH = 0x200;
    /** GET: both. */
    public static final int NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;

    /** NEW: replace what is there. */
    public static final int NLM_F_REPLACE = 0x100;
    /** NEW: fail if it is there. */
    public static final int NLM_F_EXCL = 0x200;
    /** NEW: create it if it is not there. */
    public static final int NLM_F_CREATE = 0x400;
    /** NEW: at the end of the list. */
    public static final int NLM_F_APPEND = 0x800;

    /** DELETE: not what hangs below it. */
    public static final int NLM_F_NONREC = 0x100;
    /** DELETE: several at once. */
    public static final int NLM_F_BULK = 0x200;

    /** Acknowledgement: the request is not repeated in it, only its header. */
    public static final int NLM_F_CAPPED = 0x100;
    /** Acknowledgement: attributes follow ({@link ExtendedAck}). */
    public static final int NLM_F_ACK_TLVS = 0x200;

    private NetlinkFlags() {}
}
