package org.mayfly.agent.core;

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

    private final String id;
    private final String client;
    private final Service service;
    private final Permit permit;
    private final long opened;
    private long windowEnd;
    private long sessionEnd;
    private long due;
    private State state = State.ACTIVE;
    private boolean doomed;

    /** Where it is written down. */
    private int slot = LeaseStore.NONE;

    Lease(String id, String client, Service service, Permit permit, long opened) {
        this.id = id;
        this.client = client;
        this.service = service;
        this.permit = permit;
        this.opened = opened;
    }

    /** One that was written down before a restart, and goes on. */
    static Lease of(LeaseRecord r, int slot, Service service) {
        Lease lease = new Lease(r.id(), r.client(), service, r.permit(), r.opened());
        lease.windowEnd = r.windowEnd();
        lease.sessionEnd = r.sessionEnd();
        lease.due = r.windowEnd();
        lease.slot = slot;
        return lease;
    }

    LeaseRecord record() {
        return new LeaseRecord(false, id, client, service.name(), permit, opened, windowEnd, sessionEnd);
    }

    int slot() {
        return slot;
    }

    void slot(int next) {
        slot = next;
    }

    /** Starts the window, or starts it anew. */
    void window(long now, long nanos) {
        state = State.ACTIVE;
        doomed = false; // a client that was to be cut off and may knock again
        windowEnd = now + nanos;
        sessionEnd = windowEnd + service.session().toNanos();
        due = windowEnd;
    }

    void session(long nextLook) {
        state = State.SESSION;
        due = nextLook;
    }

    /** It is to be revoked, however often that takes. */
    void doom(long at) {
        doomed = true;
        due = at;
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

    public String id() {
        return id;
    }

    public String client() {
        return client;
    }

    public Service service() {
        return service;
    }

    public Permit permit() {
        return permit;
    }

    public Ip6Address door() {
        return permit.door();
    }

    public State state() {
        return state;
    }

    public long opened() {
        return opened;
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
