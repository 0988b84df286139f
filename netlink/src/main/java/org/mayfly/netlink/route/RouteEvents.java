package org.mayfly.netlink.route;

import java.io.IOException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The changes of links, their settings, addresses, memberships, routes, rules and neighbours, as they happen, and prefixes
 * as routers tell of them. See {@link Events} for how to wait for them.
 */
public final class RouteEvents {
    /** Groups, from {@code enum rtnetlink_groups} in {@code linux/rtnetlink.h}. */
    public static final int RTNLGRP_LINK = 1;

    /** Of both families; entries come and change all the time where there is traffic. */
    public static final int RTNLGRP_NEIGH = 3;

    public static final int RTNLGRP_IPV4_IFADDR = 5;
    public static final int RTNLGRP_IPV4_ROUTE = 7;
    public static final int RTNLGRP_IPV4_RULE = 8;
    public static final int RTNLGRP_IPV6_IFADDR = 9;
    public static final int RTNLGRP_IPV6_ROUTE = 11;
    public static final int RTNLGRP_IPV6_PREFIX = 18;
    public static final int RTNLGRP_IPV6_RULE = 19;
    public static final int RTNLGRP_IPV4_NETCONF = 24;
    public static final int RTNLGRP_IPV6_NETCONF = 25;

    /** Multicast groups that interfaces join; kernels before 6.14 refuse these three with {@code EINVAL}. */
    public static final int RTNLGRP_IPV4_MCADDR = 37;

    public static final int RTNLGRP_IPV6_MCADDR = 38;
    public static final int RTNLGRP_IPV6_ACADDR = 39;

    private RouteEvents() {}

    /**
     * Joins groups in the network namespace of the calling thread.
     *
     * @param groups {@link #RTNLGRP_LINK} and its kind; none for links, prefixes, and addresses, routes and rules of both
     *     families
     */
    public static Events<RouteEvent> open(int... groups) throws IOException {
        int[] wanted = groups.length > 0
                ? groups
                : new int[] {
                    RTNLGRP_LINK,
                    RTNLGRP_IPV4_IFADDR,
                    RTNLGRP_IPV4_ROUTE,
                    RTNLGRP_IPV4_RULE,
                    RTNLGRP_IPV6_IFADDR,
                    RTNLGRP_IPV6_ROUTE,
                    RTNLGRP_IPV6_PREFIX,
                    RTNLGRP_IPV6_RULE
                };
        return new Events<>(Subscription.open(NetlinkConnection.NETLINK_ROUTE, wanted), RouteEvent::read);
    }
}
