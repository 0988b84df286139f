package org.mayfly.agent.core;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.PriorityQueue;
import java.util.Set;

/** Which lease is to be looked at when. */
final class Schedule {
    /** Each that is to end costs a look at the machine's sockets; in between, knocks are heard. */
    private static final int ENDING_AT_ONCE = 64;

    private record Due(long at, Lease lease) {
        /** Whether it is not over, nor due at another time by now. */
        boolean stands() {
            return lease.state() != Lease.State.CLOSED && lease.due() == at;
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /** It is due then, and at no other time. */
    void put(Lease lease, long at) {
        lease.due(at);
        queue.add(new Due(at, lease));
    }

    /** When the next one is due; {@link Long#MAX_VALUE} for never. */
    long next() {
        Due head = queue.peek();
        while (head != null && !head.stands()) {
            queue.remove();
            head = queue.peek();
        }
        return head == null ? Long.MAX_VALUE : head.at();
    }

    /**
     * Those that are due, each once, however often it was put off to the same moment.
     *
     * @param again when they are due again, should something fail that ought not to
     */
    Set<Lease> take(long now, long again) {
        Set<Lease> due = new LinkedHashSet<>();
        int ending = 0;
        for (Due head = queue.peek();
                head != null && head.at() <= now && ending < ENDING_AT_ONCE;
                head = queue.peek()) {
            queue.remove();
            if (head.stands()) {
                ending += head.lease().doomed() ? 1 : 0;
                due.add(head.lease());
                put(head.lease(), again);
            }
        }
        return due;
    }
}
