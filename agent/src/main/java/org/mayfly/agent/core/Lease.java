package org.mayfly.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.mayfly.knock.Ip6Address;

/** A grant with kernel state and a deadline. Times are of the monotonic clock. */
public final class Lease {
    /** How far along its life a lease is. */
    public enum State {
        /** Granted; the kernel has not said yet that the door's address takes packets. */
        PENDING,
        /** New connections are let through. */
        ACTIVE,
        /** The window is over; a session that came through it is up. */
        SESSION,
        /** Over. */
        CLOSED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why a lease ended. */
    public enum End {
        EXPIRED,
        SESSION_LIMIT,
        REVOKED,
        /** It made room for another one of its client. */
        REPLACED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    /** One of its permits, and where that is written down. */
    static final class Way {
        private final Permit permit;
        private int slot;

        Way(Permit permit, int slot) {
            this.permit = permit;
            this.slot = slot;
        }

        Permit permit() {
            return permit;
        }

        int slot() {
            return slot;
        }

        void slot(int next) {
            slot = next;
        }
    }

    /**
     * How long after the end of the window it is looked at: the kernel lets nobody in by then. It counts from a moment later
     * than we do, and its clock ticks coarsely.
     */
    static final long EDGE = Duration.ofSeconds(1).toNanos();

    private final int id;
    private final ClientState holder;
    private Service service;
    private long key;
    private long opened;

    /** The newest last. There is more than one when the door prefix was changed meanwhile. */
    private List<Way> ways;

    private List<Permit> permits;

    private long windowEnd;
    private long sessionEnd;
    private long due;
    private State state = State.ACTIVE;
    private boolean doomed;

    /**
     * @param key the id of the key that asked for it; 0 for an administrator
     */
    Lease(int id, ClientState holder, Service service, long key, Permit permit, long opened) {
        this.id = id;
        this.holder = holder;
        this.service = service;
        this.key = key;
        this.opened = opened;
        this.ways = List.of(new Way(permit, LeaseStore.NONE));
        this.permits = List.of(permit);
    }

    /** One that was written down before a restart, and goes on. */
    static Lease of(LeaseRecord r, int slot, Service service, ClientState holder) {
        Lease lease = new Lease(r.id(), holder, service, r.key(), r.permit(), r.opened());
        lease.ways = List.of(new Way(r.permit(), slot));
        lease.windowEnd = r.windowEnd();
        lease.sessionEnd =
                Math.min(r.sessionEnd(), r.windowEnd() + service.session().toNanos()); // today's limit, if that is less
        return lease;
    }

    /** What a restart has to know. One that is to be revoked lets nobody in then, and its sessions are cut. */
    LeaseRecord record(Permit permit) {
        long window = doomed ? opened : windowEnd;
        long session = doomed ? opened : sessionEnd;
        return new LeaseRecord(false, id, holder.name(), service.name(), permit, key, opened, window, session);
    }

    List<Way> ways() {
        return ways;
    }

    /** Another door, in another prefix. */
    void add(Way way, boolean newest) {
        List<Way> all = new ArrayList<>(ways);
        all.add(newest ? all.size() : 0, way);
        set(all);
    }

    private void set(List<Way> next) {
        ways = List.copyOf(next);
        permits = ways.stream().map(Way::permit).toList();
    }

    /** That door is where new connections are to come to, of those it has. */
    void prefer(Ip6Address door) {
        List<Way> all = new ArrayList<>(ways);
        all.removeIf(way -> way.permit().door().equals(door));
        ways.stream().filter(way -> way.permit().door().equals(door)).forEach(all::add);
        set(all);
    }

    /** How long the address of a door is held for a session: so long at a time, and not much longer than that may live. */
    Duration held(Duration most, long now) {
        Duration left = Duration.ofNanos(Math.max(0, sessionEnd - now)).plusSeconds(1);
        return left.compareTo(most) < 0 ? left : most;
    }

    ClientState holder() {
        return holder;
    }

    /** The id of the key that asked for it last; 0 where only an administrator did. */
    long key() {
        return key;
    }

    /** The kernel has it. Until then it is only there so that nobody else gets its door. */
    void opened(long now) {
        opened = now;
    }

    /** Starts the window, or starts it anew. */
    void window(long now, long nanos, boolean ready) {
        state = ready ? State.ACTIVE : State.PENDING;
        doomed = false; // a client that was to be cut off and may knock again
        windowEnd = now + nanos;
        sessionEnd = windowEnd + service.session().toNanos();
    }

    /**
     * It is asked for again.
     *
     * @param by the id of the key that asks; 0 for an administrator, who does not make it last longer than the key that
     *     asked before
     */
    void renewed(Service today, long by) {
        service = today;
        key = by == 0 ? key : by;
    }

    void active() {
        state = State.ACTIVE;
    }

    /** The window is over, early perhaps. */
    void session(long now) {
        state = State.SESSION;
        windowEnd = Math.min(windowEnd, now);
    }

    /**
     * Its doors are written down with different times: the sooner ones count.
     *
     * @return whether any was different
     */
    boolean shorten(long window, long session) {
        boolean same = window == windowEnd && session == sessionEnd;
        windowEnd = Math.min(window, windowEnd);
        sessionEnd = Math.min(session, sessionEnd);
        return !same;
    }

    /** It is to be revoked, however often that takes. */
    void doom() {
        doomed = true;
    }

    boolean doomed() {
        return doomed;
    }

    void closed() {
        state = State.CLOSED;
    }

    /** When the agent has to look at it again. */
    long due() {
        return due;
    }

    void due(long at) {
        due = at;
    }

    /** When it is to be seen whether a session came through. At once where sessions end with the window. */
    long windowOver() {
        return cutsSessions() ? windowEnd : windowEnd + EDGE;
    }

    /** Whether sessions end with the window. */
    boolean cutsSessions() {
        return service.session().isZero();
    }

    int number() {
        return id;
    }

    /** 8 hexadecimal digits. */
    public String id() {
        return HexFormat.of().toHexDigits(id);
    }

    public String client() {
        return holder.name();
    }

    public Service service() {
        return service;
    }

    /** Whom it lets in, through each of its doors. */
    public List<Permit> permits() {
        return permits;
    }

    /** The newest of {@link #permits}. */
    public Permit permit() {
        return ways.get(ways.size() - 1).permit();
    }

    /** The newest of its doors. */
    public Ip6Address door() {
        return permit().door();
    }

    public State state() {
        return state;
    }

    public long opened() {
        return opened;
    }

    /** How much longer new connections are let in; zero for less than a millisecond, which the kernel cannot count. */
    Duration windowLeft(long now) {
        Duration left = Duration.ofNanos(Math.max(0, windowEnd - now));
        return left.toMillis() > 0 ? left : Duration.ZERO;
    }

    /** The same, and zero if it is to be revoked. */
    Duration openFor(long now) {
        return doomed ? Duration.ZERO : windowLeft(now);
    }

    /** When new connections end. */
    public long windowEnd() {
        return windowEnd;
    }

    /** When a session that is still up is cut. */
    public long sessionEnd() {
        return sessionEnd;
    }
}
