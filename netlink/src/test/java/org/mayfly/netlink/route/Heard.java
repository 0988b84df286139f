package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.mayfly.netlink.conn.Events;

/** What was heard of some events so far, and the patience to hear more. */
final class Heard implements Events.Handler<RouteEvent> {
    private static final int PATIENCE = 10_000;

    private final Events<RouteEvent> events;
    private final List<RouteEvent> all = new ArrayList<>();
    private int overruns;

    Heard(Events<RouteEvent> events) {
        this.events = events;
    }

    @Override
    public void event(RouteEvent event) {
        all.add(event);
    }

    @Override
    public void overrun() {
        overruns++;
    }

    /** Waits until something wanted has been heard, since the last call of {@link #forget}. */
    RouteEvent await(Predicate<RouteEvent> wanted) throws Exception {
        while (all.stream().noneMatch(wanted)) {
            assertTrue(events.poll(PATIENCE), () -> "only heard " + all);
            while (events.read(this)) {}
        }
        assertEquals(0, overruns);
        return all.stream().filter(wanted).findFirst().orElseThrow();
    }

    List<RouteEvent> all() {
        return all;
    }

    void forget() {
        all.clear();
    }
}
