package org.mayfly.agent.admin;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to somebody who asked for them. Whoever puts them in never waits for who takes them out: what
 * comes faster than it is read is left out, and its number told in its place.
 */
public final class AdminStream {
    /** How many events may wait. */
    static final int LONGEST = 1024;

    /** Events that are written at once. */
    private static final int AT_ONCE = 64;

    private final Runnable wake;
    private final Queue<EventAnswer> waiting = new ArrayDeque<>();
    private Instant lastLost = Instant.EPOCH;
    private long lost;
    private boolean woken;
    private boolean closed;

    /** @param wake called by who puts, when there is something after {@link #lines} had nothing */
    AdminStream(Runnable wake) {
        this.wake = wake;
    }

    /**
     * From any thread.
     *
     * @return false if nobody is there any more
     */
    public boolean put(EventAnswer event) {
        if (!added(event)) {
            return false;
        }
        if (mustWake()) {
            wake.run();
        }
        return true;
    }

    private synchronized boolean added(EventAnswer event) {
        if (closed) {
            return false;
        }
        if (waiting.size() >= LONGEST) {
            lost++;
            lastLost = event.time();
            return true;
        }
        if (lost > 0) {
            waiting.add(takeLost());
        }
        waiting.add(event);
        return true;
    }

    /** Once is enough until all was taken: what wakes is a queue, too, and would grow. */
    private synchronized boolean mustWake() {
        boolean first = !woken;
        woken = true;
        return first;
    }

    private EventAnswer takeLost() {
        EventAnswer told = EventAnswer.lost(lastLost, lost);
        lost = 0;
        return told;
    }

    /** Some of what waits, an answer a line; empty if nothing does, and then {@code wake} is called when something does. */
    String lines() {
        StringJoiner lines = new StringJoiner("\n");
        for (int i = 0; i < AT_ONCE; i++) {
            EventAnswer event = take();
            if (event == null) {
                break;
            }
            lines.add(AdminAnswer.more(Json.of(event)));
        }
        return lines.toString();
    }

    private synchronized @Nullable EventAnswer take() {
        EventAnswer next = waiting.poll();
        if (next == null && lost > 0) {
            next = takeLost();
        }
        woken = next != null;
        return next;
    }

    /** Nobody takes any more. */
    synchronized void close() {
        closed = true;
        waiting.clear();
    }

    /** Whether anybody is still there. */
    public synchronized boolean isOpen() {
        return !closed;
    }
}
