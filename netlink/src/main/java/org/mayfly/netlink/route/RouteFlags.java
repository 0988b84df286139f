package org.mayfly.netlink.route;

/** Flags of a route ({@code RTM_F_*}) and of its ways ({@code RTNH_F_*}). Source: {@code linux/rtnetlink.h}. */
public final class RouteFlags {
    public static final int RTNH_F_DEAD = 0x01;
    public static final int RTNH_F_PERVASIVE = 0x02;
    public static final int RTNH_F_ONLINK = 0x04;
    public static final int RTNH_F_OFFLOAD = 0x08;
    public static final int RTNH_F_LINKDOWN = 0x10;
    public static final int RTNH_F_UNRESOLVED = 0x20;
    public static final int RTNH_F_TRAP = 0x40;

    public static final int RTM_F_NOTIFY = 0x100;
    public static final int RTM_F_CLONED = 0x200;
    public static final int RTM_F_PREFIX = 0x800;
    public static final int RTM_F_LOOKUP_TABLE = 0x1000;
    public static final int RTM_F_FIB_MATCH = 0x2000;
    public static final int RTM_F_OFFLOAD = 0x4000;
    public static final int RTM_F_TRAP = 0x8000;
    public static final int RTM_F_OFFLOAD_FAILED = 0x2000_0000;

    /** What the kernel alone says of a route, and does not want to hear. */
    static final int STATE = RTNH_F_DEAD
            | RTNH_F_OFFLOAD
            | RTNH_F_LINKDOWN
            | RTNH_F_UNRESOLVED
            | RTNH_F_TRAP
            | RTM_F_CLONED
            | RTM_F_OFFLOAD
            | RTM_F_TRAP
            | RTM_F_OFFLOAD_FAILED;

    private RouteFlags() {}
}
