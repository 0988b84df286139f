package org.mayfly.netlink.nft;

import java.io.IOException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The changes of nf_tables, as they happen. See {@link Events} for how to wait for them.
 *
 * <p>To follow a ruleset: subscribe, then dump, noting {@link NfTables#generation} before and after until both are the
 * same; drop what is told before the {@link NftEvent.Generation} of that id. After an overrun, dump again.
 */
public final class NftEvents {
    /** {@code NFNLGRP_NFTABLES}, from {@code enum nfnetlink_groups} in {@code linux/netfilter/nfnetlink.h}. */
    private static final int NFNLGRP_NFTABLES = 7;

    private NftEvents() {}

    /** Subscribes in the network namespace of the calling thread. */
    public static Events<NftEvent> open() throws IOException {
        return new Events<>(Subscription.open(NetlinkConnection.NETLINK_NETFILTER, NFNLGRP_NFTABLES), NftEvent::read);
    }
}
