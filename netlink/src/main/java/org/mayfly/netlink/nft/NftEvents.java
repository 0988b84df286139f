package org.mayfly.netlink.nft;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.conn.EventHandler;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The changes of nf_tables, as they happen. See {@link Subscription} for how to wait for them. One thread at a time.
 *
 * <p>To follow a ruleset: subscribe, then dump, noting {@link NfTables#generation} before and after until both are the
 * same; drop what is told before the {@link NftEvent.Generation} of that id. After an overrun, dump again.
 */
public final class NftEvents implements AutoCloseable {
    /** {@code NFNLGRP_NFTABLES}, from {@code enum nfnetlink_groups} in {@code linux/netfilter/nfnetlink.h}. */
    private static final int NFNLGRP_NFTABLES = 7;

    /** Takes the events. */
    public interface Handler {
        void event(NftEvent event);

        /** Events were lost: dump again what is followed. */
        void overrun();
    }

    private final Subscription subscription;

    private NftEvents(Subscription subscription) {
        this.subscription = subscription;
    }

    /** Subscribes in the network namespace of the calling thread. */
    public static NftEvents open() throws IOException {
        return new NftEvents(Subscription.open(NetlinkConnection.NETLINK_NETFILTER, NFNLGRP_NFTABLES));
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
                handler.event(NftEvent.read(type, b, offset, length));
            }

            @Override
            public void overrun() {
                handler.overrun();
            }
        });
    }

    /** While an event is handed on: the port id of the socket that sent the batch, see {@link NfTables#portId}. */
    public int portId() {
        return subscription.portId();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
