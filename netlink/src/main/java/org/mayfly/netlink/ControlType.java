package org.mayfly.netlink;

/** Message types that mean the same in every family. Source: {@code linux/netlink.h}. */
public final class ControlType {
    public static final int NLMSG_NOOP = 1;

    /** An error, or with errno 0 an acknowledgement. */
    public static final int NLMSG_ERROR = 2;

    /** The end of a dump. */
    public static final int NLMSG_DONE = 3;

    /** Types below this are control messages. */
    public static final int NLMSG_MIN_TYPE = 0x10;

    private ControlType() {}
}
