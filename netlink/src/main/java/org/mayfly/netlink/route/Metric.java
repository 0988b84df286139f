package org.mayfly.netlink.route;

import org.jspecify.annotations.Nullable;

/** The metrics that are numbers. Source: {@code RTAX_*} in {@code linux/rtnetlink.h}, whose prefix is left off. */
public enum Metric {
    /** Bits, {@code 1 << RTAX_…}, of those that are not to change; see {@link Metrics#withLocked}. */
    LOCK(1),
    MTU(2),
    /** The largest window that TCP advertises, in bytes. */
    WINDOW(3),
    /** Round trip time, in eighths of a millisecond. */
    RTT(4),
    /** Its variance, in quarters of a millisecond. */
    RTTVAR(5),
    SSTHRESH(6),
    CWND(7),
    ADVMSS(8),
    REORDERING(9),
    HOPLIMIT(10),
    INITCWND(11),
    /** {@code RTAX_FEATURE_*}: 1 is ECN. */
    FEATURES(12),
    /** In milliseconds; without a lock the kernel does not heed it. */
    RTO_MIN(13),
    INITRWND(14),
    QUICKACK(15),
    FASTOPEN_NO_COOKIE(17);

    private final int number;

    Metric(int number) {
        this.number = number;
    }

    /** {@code RTAX_*}. */
    public int number() {
        return number;
    }

    static @Nullable Metric of(int number) {
        for (Metric m : values()) {
            if (m.number == number) {
                return m;
            }
        }
        return null;
    }
}
