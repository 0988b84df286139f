package org.mayfly.netlink.conntrack;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.conn.EventHandler;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.conn.Subscription;

/**
 * The flows that come, change and go, as it happens. See {@link Subscription} for how to wait for them. One thread at a
 * time.
 *
 * <p>Of a flow that began when nobody in its network namespace listened nothing is told, unless {@code
 * net.netfilter.nf_conntrack_events} is 1 (most kernels begin with 2).
 */
public final class ConntrackEvents implements AutoCloseable {
    /** Groups, from {@code enum nfnetlink_groups} in {@code linux/netfilter/nfnetlink.h}. */
    public static final int NFNLGRP_CONNTRACK_NEW = 1;

    public static final int NFNLGRP_CONNTRACK_UPDATE = 2;
    public static final int NFNLGRP_CONNTRACK_DESTROY = 3;

    /** Takes the events. */
    public interface Handler {
        /** One has come, or is not what it was. Only what has changed may be said of it, besides its tuples and id. */
        void changed(Flow flow);

        /** One is gone. What it was like at the end is not all said. */
        void gone(Flow flow);

        /** Events were lost: dump again what is followed. */
        void overrun();
    }

    private final Subscription subscription;

    private ConntrackEvents(Subscription subscription) {
        this.subscription = subscription;
    }

    /**
     * Joins groups in the network namespace of the calling thread.
     *
     * @param groups {@link #NFNLGRP_CONNTRACK_NEW} and its kind; none for all three
     */
    public static ConntrackEvents open(int... groups) throws IOException {
        int[] wanted = groups.length > 0
                ? groups
                : new int[] {NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY};
        return new ConntrackEvents(Subscription.open(NetlinkConnection.NETLINK_NETFILTER, wanted));
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
                if (type == Flow.IPCTNL_MSG_CT_NEW) {
                    handler.changed(Flow.decode(b, offset, length));
                } else if (type == Flow.IPCTNL_MSG_CT_DELETE) {
                    handler.gone(Flow.decode(b, offset, length));
                }
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
