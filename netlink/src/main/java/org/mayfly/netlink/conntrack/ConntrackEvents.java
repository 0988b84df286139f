package org.mayfly.netlink.conntrack;

import java.io.IOException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The flows that come, change and go, as it happens. See {@link Events} for how to wait for them.
 *
 * <p>Of a flow that began when nobody in its network namespace listened nothing is told, unless {@code
 * net.netfilter.nf_conntrack_events} is 1 (most kernels begin with 2).
 */
public final class ConntrackEvents {
    /** Groups, from {@code enum nfnetlink_groups} in {@code linux/netfilter/nfnetlink.h}. */
    public static final int NFNLGRP_CONNTRACK_NEW = 1;

    public static final int NFNLGRP_CONNTRACK_UPDATE = 2;
    public static final int NFNLGRP_CONNTRACK_DESTROY = 3;

    private ConntrackEvents() {}

    /**
     * Joins groups in the network namespace of the calling thread.
     *
     * @param groups {@link #NFNLGRP_CONNTRACK_NEW} and its kind; none for all three
     */
    public static Events<FlowEvent> open(int... groups) throws IOException {
        int[] wanted = groups.length > 0
                ? groups
                : new int[] {NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY};
        return new Events<>(Subscription.open(NetlinkConnection.NETLINK_NETFILTER, wanted), FlowEvent::read);
    }
}
