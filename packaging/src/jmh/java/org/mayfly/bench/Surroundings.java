package org.mayfly.bench;

import java.util.function.ObjIntConsumer;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.LeaseStore;
import org.mayfly.agent.core.Marks;
import org.mayfly.agent.core.Verdict;

/** What an agent has around it, as cheap as can be: a clock that is moved, one mark, no file, nobody who listens. */
final class Surroundings implements Clock, Marks, LeaseStore, AgentListener {
    private long monotonic = 1_000_000_000L;
    private long wall = 1_800_000_000_000_000_000L;
    private long mark = Long.MIN_VALUE;

    /** Time passes, but not on the wall: what is refused for its time stamp is refused for the same reason for ever. */
    void passUnseen(long nanos) {
        monotonic += nanos;
    }

    void pass(long nanos) {
        monotonic += nanos;
        wall += nanos;
    }

    @Override
    public long monotonicNanos() {
        return monotonic;
    }

    @Override
    public long wallNanos() {
        return wall;
    }

    @Override
    public int slot(long keyId) {
        return 0;
    }

    @Override
    public long stamp(int slot) {
        return mark;
    }

    @Override
    public void raise(int slot, long stamp) {
        mark = stamp;
    }

    @Override
    public void floor(long stamp) {
        mark = stamp;
    }

    @Override
    public boolean kept() {
        return true;
    }

    @Override
    public boolean trusted() {
        return true;
    }

    @Override
    public int put(int slot, LeaseRecord lease) {
        return NONE;
    }

    @Override
    public void read(ObjIntConsumer<LeaseRecord> each) {
        // nothing was put
    }

    @Override
    public void remove(int slot) {
        // nothing was put
    }

    @Override
    public void opened(Lease lease) {
        // nobody
    }

    @Override
    public void changed(Lease lease) {
        // nobody
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        // nobody
    }

    @Override
    public void refused(Verdict verdict, String client) {
        // nobody
    }

    @Override
    public void warning(String message) {
        throw new AssertionError(message);
    }
}
