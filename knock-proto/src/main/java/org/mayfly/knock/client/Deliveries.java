package org.mayfly.knock.client;

import java.io.Closeable;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knocks by every way there is, one after another and in rounds, until somebody says that it is enough. UDP goes first,
 * and the families take turns; a way that is seen to be shut costs no time. Each knock is one of its own: which of them
 * arrive is known only by the doors that open.
 */
final class Deliveries implements Closeable {
    /** From one way to the next: the Connection Attempt Delay of RFC 8305, 5. */
    private static final long STEP = Duration.ofMillis(250).toNanos();

    /** How long the second round takes at least; each one after it takes twice as long: protocol.md, 6. */
    private static final long KNOCK_AGAIN = Duration.ofSeconds(2).toNanos();

    private final Knocker knocker;
    private final Selector selector;
    private final Consumer<Knock> sent;

    /** The last knock that was sent by each way that was ever tried, or could not be. */
    private final Map<Way, Delivery> all = new LinkedHashMap<>();

    private List<Way> ways;
    private int next;
    private long stepAt;
    private long roundAt;
    private long pause = KNOCK_AGAIN;
    private boolean firstRound = true;
    private int knocks;
    private @Nullable Failure noRoute;

    /**
     * @param sent is told of each knock when it has gone out
     * @param again how long the first round takes at least
     * @throws Failure if there is no way
     */
    Deliveries(Knocker knocker, Selector selector, Consumer<Knock> sent, Duration again) throws Failure {
        this.knocker = knocker;
        this.selector = selector;
        this.sent = sent;
        this.ways = knocker.ways();
        this.stepAt = System.nanoTime();
        this.roundAt = stepAt + again.toNanos();
    }

    /** How many were sent. */
    int knocks() {
        return knocks;
    }

    /** Nanoseconds until there is something to do. */
    long due(long now) {
        return Math.max(0, (next <= ways.size() ? stepAt : roundAt) - now);
    }

    /**
     * Does what is due.
     *
     * @throws Failure if every way was tried and none can be gone
     */
    void proceed(long now) throws Failure {
        all.values().forEach(d -> d.tire(now));
        if (next > ways.size() && now - roundAt >= 0) {
            round(now);
        }
        while (next <= ways.size() && now - stepAt >= 0) {
            step(now);
        }
        if (firstRound && next > ways.size() && knocks == 0) {
            giveUpIfHopeless();
        }
    }

    private void round(long now) {
        firstRound = false;
        next = 0;
        stepAt = now;
        roundAt = now + pause;
        pause *= 2;
        try {
            ways = knocker.ways();
        } catch (Failure e) {
            // the network may be away for a moment, and come back with another address: the old ways then stand
        }
    }

    private void step(long now) {
        if (next == ways.size()) {
            knocker.lookAgain(); // this is not the ordinary case any more; the next round will know
        } else {
            Way way = ways.get(next);
            Delivery before = all.get(way);
            if (before == null || before.over() || before.knock() != null) {
                stepAt = now + STEP;
                knock(way, before);
            } // else its connection is still coming about, and will carry a knock of then
        }
        next++;
    }

    private void knock(Way way, @Nullable Delivery before) {
        try {
            Draft draft = knocker.draft(way);
            if (before != null) {
                before.close();
            }
            Delivery d = Delivery.start(draft, selector);
            all.put(way, d);
            note(d, false);
        } catch (Failure e) {
            noRoute = e;
            stepAt = System.nanoTime();
        }
    }

    /** Goes on with one of ours, which the selector says is ready. */
    void proceed(Delivery d) {
        boolean before = d.knock() != null;
        d.proceed();
        note(d, before);
    }

    private void note(Delivery d, boolean before) {
        Knock k = d.knock();
        if (k != null && !before) {
            knocks++;
            sent.accept(k);
        }
        if (d.objection() != null) {
            stepAt = System.nanoTime(); // no use waiting
        }
    }

    private void giveUpIfHopeless() throws Failure {
        if (all.values().stream().allMatch(Delivery::over)) {
            throw nothingSent("");
        }
    }

    /** What to say if no knock ever went out. */
    Failure nothingSent(String within) {
        Failure e = noRoute;
        if (all.isEmpty() && e != null) {
            return e;
        }
        boolean denied = all.values().stream().anyMatch(Delivery::denied);
        String what = "cannot send a knock" + within + ": " + tried();
        return denied ? Failure.denied(what) : Failure.failed(what);
    }

    /** What every way was like; in the order in which they were tried. */
    List<Trial> trials() {
        return all.values().stream().map(Trial::of).toList();
    }

    /** The same, for a line. */
    String tried() {
        return trials().stream().map(Trial::toString).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        all.values().forEach(Delivery::close);
    }
}
