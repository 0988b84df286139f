package org.mayfly.agent.relay;

import java.util.concurrent.atomic.LongAdder;

/** What a UDP relay counts on its loop, to be read from anywhere. */
final class UdpTally {
    volatile int open;
    final LongAdder total = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder evicted = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder cut = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final Way toTarget = new Way();
    final Way toClient = new Way();

    /** One of the two. */
    static final class Way {
        private final LongAdder datagrams = new LongAdder();
        private final LongAdder bytes = new LongAdder();

        void add(int count, long sum) {
            datagrams.add(count);
            bytes.add(sum);
        }
    }

    UdpCounts counts() {
        return new UdpCounts(
                open,
                total.sum(),
                refused.sum(),
                evicted.sum(),
                expired.sum(),
                cut.sum(),
                failed.sum(),
                toTarget.datagrams.sum(),
                toTarget.bytes.sum(),
                toClient.datagrams.sum(),
                toClient.bytes.sum(),
                dropped.sum());
    }
}
