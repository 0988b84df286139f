package org.mayfly.netlink.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.conn.EventHandler;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The changes of links, addresses, routes and rules, as they happen, and prefixes as routers tell of them. See {@link Subscription} for how to wait for them. One
 * thread at a time.
 */
public final class RouteEvents implements AutoCloseable {
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

    /** Multicast groups that interfaces join; kernels before 6.14 refuse these three with {@code EINVAL}. */
    public static final int RTNLGRP_IPV4_MCADDR = 37;

    public static final int RTNLGRP_IPV6_MCADDR = 38;
    public static final int RTNLGRP_IPV6_ACADDR = 39;

    /** Takes the events. */
    public interface Handler {
        void event(RouteEvent event);

        /** Events were lost: dump again what is followed. */
        void overrun();
    }

    private final Subscription subscription;

    private RouteEvents(Subscription subscription) {
        this.subscription = subscription;
    }

    /**
     * Joins groups in the network namespace of the calling thread.
     *
     * @param groups {@link #RTNLGRP_LINK} and its kind; none for links, prefixes, and addresses, routes and rules of both
     *     families
     */
    public static RouteEvents open(int... groups) throws IOException {
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
        return new RouteEvents(Subscription.open(NetlinkConnection.NETLINK_ROUTE, wanted));
    }

    /** For an event loop; it stays ours to close. */
    public int fd() {
        return subscription.fd();
    }

    /** Waits up to so many milliseconds (below 0 for ever); whether there is something to {@link #read}. */
    public boolean poll(int milliseconds) throws IOException {
        return subscription.poll(milliseconds);
    }

    /**
     * Hands on what is there, without waiting for more.
     *
     * @return whether it stopped for fairness and there may be more
     */
    public boolean read(Handler handler) throws IOException {
        return subscription.read(new EventHandler() {
            @Override
            public void event(int type, ByteBuffer b, int offset, int length) {
                handler.event(RouteEvent.read(type, b, offset, length));
            }

            @Override
            public void overrun() {
                handler.overrun();
            }
        });
    }

    @Override
    public void close() {
        subscription.close();
    }
}
